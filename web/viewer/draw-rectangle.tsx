import { type PointerEvent, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import type { ScreenBox } from './box-on-screen.ts';
import classes from './similar.module.css';
import type { SlideStage } from './slide-stage.ts';

/** A click is no rectangle. */
const leastSide = 6;

interface Props {
  stage: SlideStage;
  onDrawn: (box: ScreenBox) => void;
  onCancel: () => void;
}

/** Takes the pointer over the slide until a rectangle is drawn or Escape is pressed. */
export function DrawRectangle({ stage, onDrawn, onCancel }: Props) {
  const [from, setFrom] = useState<{ x: number; y: number } | null>(null);
  const [box, setBox] = useState<ScreenBox | null>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => event.key === 'Escape' && onCancel();
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [onCancel]);
  const at = (event: PointerEvent<HTMLDivElement>) => {
    const edge = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  };
  const surface = stage.viewer.element.parentElement ?? document.body;
  return createPortal(
    <div
      className={classes.drawing}
      data-testid="rectangle-surface"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(at(event));
      }}
      onPointerMove={(event) => {
        if (!from) return;
        const to = at(event);
        setBox({
          x: Math.min(from.x, to.x),
          y: Math.min(from.y, to.y),
          width: Math.abs(to.x - from.x),
          height: Math.abs(to.y - from.y),
        });
      }}
      onPointerUp={() => {
        if (box && Math.min(box.width, box.height) >= leastSide) onDrawn(box);
        setFrom(null);
        setBox(null);
      }}
    >
      {box && (
        <div className={classes.drawn} style={{ left: box.x, top: box.y, width: box.width, height: box.height }} />
      )}
    </div>,
    surface,
  );
}
