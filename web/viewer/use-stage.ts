import type { Problem } from '@stroma/core/errors';
import type { SlideDetail } from '@stroma/core/http/slide';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { problemOf } from '../data/request-failed.ts';
import type { Place } from './place.ts';
import { openStage, type SlideStage } from './slide-stage.ts';

/** Opens the slide in the element; a change of its mpp does not open it again. */
export function useStage(
  element: RefObject<HTMLElement | null>,
  slide: SlideDetail,
  first: Place | null,
  overview = true,
) {
  const [stage, setStage] = useState<SlideStage | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const start = useRef({ slide, first, overview });

  useEffect(() => {
    let gone = false;
    let opened: SlideStage | null = null;
    if (!element.current) return;
    openStage(element.current, start.current.slide, start.current.first, start.current)
      .then((made) => {
        opened = made;
        if (gone) made.close();
        else setStage(made);
      })
      .catch((error: unknown) => !gone && setProblem(problemOf(error)));
    return () => {
      gone = true;
      opened?.close();
    };
  }, [element]);
  return { stage, problem };
}

/** True once a tile has come: a slide that its reader has to open first is white until then. */
export function useDrawn(stage: SlideStage | null): boolean {
  const [drawn, setDrawn] = useState(false);
  useEffect(() => stage?.onFirstTile(() => setDrawn(true)), [stage]);
  return drawn;
}

/** The place on screen, followed frame by frame. */
export function usePlace(stage: SlideStage | null): Place | null {
  const [place, setPlace] = useState<Place | null>(null);
  useEffect(() => {
    if (!stage) return;
    let frame = 0;
    const tell = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        const now = stage.place();
        setPlace((before) => (before && isSame(before, now) ? before : now));
      });
    };
    tell();
    const stop = stage.onChange(tell);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [stage]);
  return place;
}

const isSame = (a: Place, b: Place) => a.x === b.x && a.y === b.y && a.zoom === b.zoom && a.rotation === b.rotation;
