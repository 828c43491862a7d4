import type { PixelSpacing } from '@stroma/core/units';
import { useEffect, useState } from 'react';
import { measuredLabel } from './measured.ts';
import type { Point0 } from './place.ts';
import type { SlideStage } from './slide-stage.ts';
import type { Measure } from './use-measure.ts';
import { usePlace } from './use-stage.ts';
import classes from './viewer.module.css';

/** The measured line over the slide, and what a person can do next. */
export function MeasureLayer({
  stage,
  measure,
  spacing,
}: {
  stage: SlideStage;
  measure: Measure;
  spacing: PixelSpacing | null;
}) {
  usePlace(stage);
  const pointer = usePointer(stage);
  const { x: width, y: height } = stage.viewer.viewport.getContainerSize();
  const middle = { x: width / 2, y: height / 2 };
  const there = pointer ?? stage.onSlide(middle.x, middle.y);
  const line = measure.from ? ([measure.from, there] as const) : measure.line;
  const ends = line?.map(({ x, y }) => stage.onScreen(x, y));
  const label = line && measuredLabel(line, spacing);
  return (
    <>
      <svg className={classes.heat} data-testid="measure-layer" aria-hidden="true">
        <path className={classes.cross} d={`M${middle.x - 9} ${middle.y}h18M${middle.x} ${middle.y - 9}v18`} />
        {ends?.[0] && ends[1] && (
          <g>
            <path className={classes.lineBack} d={`M${ends[0].x} ${ends[0].y}L${ends[1].x} ${ends[1].y}`} />
            <path className={classes.line} d={`M${ends[0].x} ${ends[0].y}L${ends[1].x} ${ends[1].y}`} />
            {ends.map((end, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the two ends
              <circle key={index} className={classes.lineEnd} cx={end.x} cy={end.y} r={4} />
            ))}
          </g>
        )}
      </svg>
      {ends?.[0] && ends[1] && (
        <span
          className={classes.length}
          style={{ left: (ends[0].x + ends[1].x) / 2, top: (ends[0].y + ends[1].y) / 2 }}
          data-testid="measured"
        >
          {label}
        </span>
      )}
      <p className={classes.hint} role="status">
        {measure.from
          ? 'Click the other end, or bring the cross there and press Enter.'
          : measure.line
            ? `${label}. Click to measure anew; m ends.`
            : 'Click one end, or bring the cross there and press Enter.'}
        {spacing && spacing.x !== spacing.y && (
          <> Each axis by its own scale: {`${spacing.x.toFixed(3)} × ${spacing.y.toFixed(3)} µm/px`}.</>
        )}
      </p>
    </>
  );
}

/** Where the mouse is over the slide; null for keyboard and touch. */
function usePointer(stage: SlideStage): Point0 | null {
  const [pointer, setPointer] = useState<Point0 | null>(null);
  useEffect(() => {
    const { element } = stage.viewer;
    const move = (event: PointerEvent) => {
      if (event.pointerType !== 'mouse') return;
      const box = element.getBoundingClientRect();
      setPointer(stage.onSlide(event.clientX - box.left, event.clientY - box.top));
    };
    const forget = () => setPointer(null);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerleave', forget);
    window.addEventListener('keydown', forget);
    return () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerleave', forget);
      window.removeEventListener('keydown', forget);
    };
  }, [stage]);
  return pointer;
}
