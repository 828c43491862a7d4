import type { PixelSpacing } from '@stroma/core/units';
import type { Point0 } from './place.ts';

export type MeasuredLine = readonly [Point0, Point0];

/** µm between two level-0 points; each axis by its own spacing. */
export function microns([a, b]: MeasuredLine, { x, y }: PixelSpacing): number {
  return Math.hypot((b.x - a.x) * x, (b.y - a.y) * y);
}

/** `312 µm`, `1.24 mm`; without a scale, what can be said: `640 px of level 0`. */
export function measuredLabel(line: MeasuredLine, spacing: PixelSpacing | null): string {
  if (spacing === null) return `${microns(line, { x: 1, y: 1 }).toFixed(0)} px of level 0`;
  const length = microns(line, spacing);
  if (length >= 1000) return `${(length / 1000).toFixed(length >= 10_000 ? 1 : 2)} mm`;
  return `${length.toFixed(length >= 100 ? 0 : 1)} µm`;
}

/** `x,y,x,y` in level-0 px. */
export function lineText(line: MeasuredLine | null): string | null {
  if (!line) return null;
  return line.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(',');
}

export function readLine(text: string | null): MeasuredLine | null {
  const numbers = text?.split(',').map(Number) ?? [];
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return null;
  const [ax = 0, ay = 0, bx = 0, by = 0] = numbers;
  return [
    { x: ax, y: ay },
    { x: bx, y: by },
  ];
}
