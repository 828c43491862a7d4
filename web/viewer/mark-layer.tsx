import { useEffect, useRef } from 'react';
import { freshPen } from '../parts/fresh-pen.ts';
import type { SlideStage } from './slide-stage.ts';
import classes from './viewer.module.css';

/** A crop outlined on the slide, in level-0 px. */
export interface Mark {
  x0: number;
  y0: number;
  size0X: number;
  size0Y: number;
}

/** The outline of the crop that is pointed at. */
export function MarkLayer({ stage, mark }: { stage: SlideStage; mark: Mark | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = () => {
      const fresh = freshPen(canvas.current);
      if (fresh && mark) outline(fresh.pen, stage, mark);
    };
    draw();
    return stage.onChange(draw);
  }, [stage, mark]);
  return <canvas ref={canvas} className={classes.heat} />;
}

/** White on black, so that it shows on tissue and on glass; at least 8 px, so that it shows from afar. */
function outline(pen: CanvasRenderingContext2D, stage: SlideStage, { x0, y0, size0X, size0Y }: Mark) {
  const { zoom } = stage.place();
  const [growX, growY] = [size0X, size0Y].map((side) => Math.max(0, 8 / zoom - side) / 2) as [number, number];
  const [left, top] = [x0 - growX, y0 - growY];
  const [right, bottom] = [x0 + size0X + growX, y0 + size0Y + growY];
  const corners = [stage.onScreen(left, top), stage.onScreen(right, top), stage.onScreen(right, bottom)];
  const path = new Path2D();
  for (const { x, y } of [...corners, stage.onScreen(left, bottom)]) path.lineTo(x, y);
  path.closePath();
  pen.lineWidth = 5;
  pen.strokeStyle = '#0c0f10';
  pen.stroke(path);
  pen.lineWidth = 2;
  pen.strokeStyle = '#ffffff';
  pen.stroke(path);
}
