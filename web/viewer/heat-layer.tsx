import { useEffect, useReducer, useRef, useState } from 'react';
import type { HeatGrid } from './heat-grid.ts';
import { type HeatLook, type HeatPainter, openPainter } from './heat-painter.ts';
import { countAbove, type HeatValues } from './heat-values.ts';
import type { SlideStage } from './slide-stage.ts';
import classes from './viewer.module.css';

export interface HeatShown {
  /** Whose scores are drawn. */
  predictionId: number;
  grid: HeatGrid;
  values: HeatValues;
  look: HeatLook;
}

/** The heat map over the tissue, drawn anew with every frame of the slide. */
export function HeatLayer({ stage, shown }: { stage: SlideStage; shown: HeatShown | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter, setPainter] = useState<HeatPainter | null>(null);
  // A graphics processor that was taken away gives its contexts back empty.
  const [life, restored] = useReducer((before: number) => before + 1, 0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a restored context is opened again
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const opened = openPainter(element);
    setPainter(opened);
    const keep = (event: Event) => event.preventDefault();
    element.addEventListener('webglcontextlost', keep);
    element.addEventListener('webglcontextrestored', restored);
    return () => {
      element.removeEventListener('webglcontextlost', keep);
      element.removeEventListener('webglcontextrestored', restored);
    };
  }, [life]);

  const [grid, values] = [shown?.grid, shown?.values];
  useEffect(() => {
    if (painter && grid && values) painter.load(grid, values);
  }, [painter, grid, values]);

  useEffect(() => {
    const element = canvas.current;
    if (!element || !painter) return;
    const draw = () => {
      const ratio = window.devicePixelRatio;
      const [width, height] = [Math.round(element.clientWidth * ratio), Math.round(element.clientHeight * ratio)];
      if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
      if (!shown) return painter.clear();
      const { left, top, width: across, height: down } = shown.grid;
      const at = (x0: number, y0: number) => {
        const { x, y } = stage.onScreen(x0, y0);
        return { x: x * ratio, y: y * ratio };
      };
      painter.paint({ origin: at(left, top), right: at(left + across, top), down: at(left, top + down) }, shown.look);
    };
    draw();
    element.dataset.drawn = String(shown !== null);
    return stage.onChange(draw);
  }, [stage, painter, shown]);

  const { look } = shown ?? {};
  const count = values && look ? countAbove(values[look.mode], look.threshold) : 0;
  return (
    <canvas
      ref={canvas}
      className={classes.heat}
      data-testid="heat-map"
      data-prediction={shown?.predictionId}
      data-count={count}
      data-painter={painter?.kind ?? 'none'}
    />
  );
}
