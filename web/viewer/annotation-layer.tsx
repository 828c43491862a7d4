import type { SlideDetail } from '@stroma/core/http/slide';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { freshPen } from '../parts/fresh-pen.ts';
import { DrawingHint } from './annotation-hint.tsx';
import { AnnotationNotice } from './annotation-notice.tsx';
import { screenOf, toSlide } from './annotation-screen.ts';
import classes from './annotations.module.css';
import { drawAnnotations } from './draw-annotations.ts';
import { useShortcuts } from './shortcuts.ts';
import type { SlideStage } from './slide-stage.ts';
import { type Live, useAnnotationPointer } from './use-annotation-pointer.ts';
import type { Annotations, Tool } from './use-annotations.ts';
import { useDrawing } from './use-drawing.ts';

interface Props {
  stage: SlideStage;
  slide: SlideDetail;
  annotations: Annotations;
}

/** Annotations over the slide, and drawing them. Keys set positions at a cross in the middle, under which the slide moves. */
export function AnnotationLayer({ stage, slide, annotations }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useMemo<Live>(() => ({ cursor: null, moved: null }), []);
  const drawing = useDrawing(annotations, slide);
  const { shapes, selected, tool, setTool, visible, notice, tell } = annotations;
  const { positions } = drawing;

  const picture = useRef<() => void>(() => undefined);
  const paint = useCallback(() => picture.current(), []);
  picture.current = () => {
    const element = canvas.current;
    const fresh = freshPen(element);
    if (!element || !fresh) return;
    const { pen, width, height } = fresh;
    const drawn = drawAnnotations(
      pen,
      {
        shapes: visible ? shapes : [],
        selected: selected?.id ?? null,
        moved: live.moved,
        handles: selected?.mayChange === true && !selected.isLocked,
        draft: positions.length > 0 && live.cursor ? [...positions, live.cursor] : positions,
        cross: tool !== null,
      },
      screenOf(stage),
      { width, height },
    );
    element.dataset.drawn = String(drawn);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: painted anew whenever one of these is another
  useEffect(paint, [shapes, selected, visible, tool, positions]);
  useEffect(() => stage.onChange(paint), [stage, paint]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing has no pointer yet
  useEffect(() => {
    live.cursor = null;
  }, [tool]);

  useAnnotationPointer(stage, annotations, drawing, live, paint);
  const atCross = () => {
    const { clientWidth = 0, clientHeight = 0 } = canvas.current ?? {};
    return toSlide(screenOf(stage), [clientWidth / 2, clientHeight / 2]);
  };
  const take = (one: Tool) => () => setTool(tool === one ? null : one);
  const removable = selected?.mayChange && !selected.isLocked ? selected : null;
  const remove = () => removable && void annotations.remove(removable);
  useShortcuts([
    ['r', take('rectangle')],
    ['p', take('point')],
    ['o', take('polygon')],
    ...(tool !== null
      ? ([
          [' ', () => drawing.set(atCross())],
          ['Enter', () => drawing.finish(atCross())],
          ['Backspace', drawing.back],
          ['Escape', drawing.cancel],
        ] as const)
      : selected !== null
        ? ([
            ['Backspace', remove],
            ['Delete', remove],
            ['Escape', () => annotations.select(null)],
          ] as const)
        : []),
  ]);

  return (
    <>
      <canvas ref={canvas} className={classes.layer} data-testid="annotation-layer" data-tool={tool ?? 'none'} />
      {tool && <DrawingHint tool={tool} drawing={drawing} />}
      {!tool && notice && <AnnotationNotice notice={notice} onClose={() => tell(null)} />}
    </>
  );
}
