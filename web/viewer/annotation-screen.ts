import type { Position } from '@stroma/core/annotation/geometry';
import type { Bounds0 } from '@stroma/core/annotation/measure';
import type { SlideStage } from './slide-stage.ts';

/** Level-0 px → screen px of the stage: x = a·x0 + c·y0 + e, y = b·x0 + d·y0 + f; turned where the slide is turned. */
export interface Screen {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
  /** Screen px per level-0 px. */
  zoom: number;
}

/** Far enough apart that rounding does not show, and the same on every slide. */
const reach = 10_000;

export function screenOf(stage: SlideStage): Screen {
  const origin = stage.onScreen(0, 0);
  const right = stage.onScreen(reach, 0);
  const down = stage.onScreen(0, reach);
  const [a, b] = [(right.x - origin.x) / reach, (right.y - origin.y) / reach];
  const [c, d] = [(down.x - origin.x) / reach, (down.y - origin.y) / reach];
  return { a, b, c, d, e: origin.x, f: origin.y, zoom: Math.hypot(a, b) };
}

export function toScreen({ a, b, c, d, e, f }: Screen, [x, y]: Position): Position {
  return [a * x + c * y + e, b * x + d * y + f];
}

export function toSlide({ a, b, c, d, e, f }: Screen, [x, y]: Position): Position {
  const area = a * d - b * c;
  return [(d * (x - e) - c * (y - f)) / area, (a * (y - f) - b * (x - e)) / area];
}

/** The part of level 0 that a screen of this size shows, as an upright box around it. */
export function shown(screen: Screen, width: number, height: number): Bounds0 {
  const corners = ([[0, 0], [width, 0], [width, height], [0, height]] as Position[]).map((at) => toSlide(screen, at)); // biome-ignore format: four corners
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return { left0: Math.min(...xs), top0: Math.min(...ys), right0: Math.max(...xs), bottom0: Math.max(...ys) };
}

export const touches = (a: Bounds0, b: Bounds0) =>
  a.left0 <= b.right0 && a.right0 >= b.left0 && a.top0 <= b.bottom0 && a.bottom0 >= b.top0;
