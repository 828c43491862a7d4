import type { ColourMap } from './colour-maps.ts';
import { hasGraphicsProcessor } from './graphics-processor.ts';
import { canvasPainter } from './heat-canvas.ts';
import { webglPainter } from './heat-gl.ts';
import type { HeatGrid } from './heat-grid.ts';
import type { HeatValues } from './heat-values.ts';

/** How the values are shown; a change of it needs no new values. */
export interface HeatLook {
  mode: 'rank' | 'absolute';
  map: ColourMap;
  opacity: number;
  /** Crops whose value is smaller stay clear. */
  threshold: number;
  /** Blends neighbouring crops, in cells that were scored and from such cells alone. */
  smooth: boolean;
}

/** Three corners of the grid in the canvas's own px: upper left, upper right, lower left. */
export interface HeatCorners {
  origin: { x: number; y: number };
  right: { x: number; y: number };
  down: { x: number; y: number };
}

export interface HeatPainter {
  kind: 'webgl' | 'canvas';
  load(grid: HeatGrid, values: HeatValues): void;
  /** Draws what was loaded last. */
  paint(corners: HeatCorners, look: HeatLook): void;
  clear(): void;
}

/** By WebGL 2 where a graphics processor draws it, else by the canvas: the same colours, each the faster there. */
export function openPainter(canvas: HTMLCanvasElement): HeatPainter | null {
  return (hasGraphicsProcessor() ? webglPainter(canvas) : null) ?? canvasPainter(canvas);
}
