/** Microns per pixel: the truth about scale. */
export type Mpp = number;

/** µm/px along each axis; scanners with a line sensor may differ between the two. */
export interface PixelSpacing {
  x: Mpp;
  y: Mpp;
}

/** Pixels are taken as square when both axes agree within this share. */
const squareTolerance = 0.01;

/** One number for a slide with square pixels; null for others, whose crops would be distorted. */
export function squareMpp(spacing: PixelSpacing | null): Mpp | null {
  if (!spacing || Math.abs(spacing.x / spacing.y - 1) > squareTolerance) return null;
  return (spacing.x + spacing.y) / 2;
}

/** Display label only, never computed with: 20x is 0.5 µm/px. */
export function magnificationLabel(mpp: Mpp): string {
  const magnification = 10 / mpp;
  const rounded = magnification >= 10 ? Math.round(magnification) : Math.round(magnification * 10) / 10;
  return `${rounded}x`;
}

/** `0.50 µm/px (20x)` */
export function scaleLabel(mpp: Mpp): string {
  return `${mpp.toFixed(2)} µm/px (${magnificationLabel(mpp)})`;
}

/** `0.2500 µm/px (40x)`, or both axes where they differ: `0.2500 × 0.2600 µm/px`. */
export function spacingLabel({ x, y }: PixelSpacing): string {
  const same = Math.abs(x / y - 1) < 1e-4;
  return same ? `${x.toFixed(4)} µm/px (${magnificationLabel(x)})` : `${x.toFixed(4)} × ${y.toFixed(4)} µm/px`;
}

export function bytesLabel(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function durationLabel(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
