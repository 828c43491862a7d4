/** Microns per pixel: the truth about scale. */
export type Mpp = number;

/** µm/px along each axis; scanners with a line sensor may differ between the two. */
export interface PixelSpacing {
  x: Mpp;
  y: Mpp;
}

/** From two columns or fields that are both there or both missing. */
export function spacingOf(x: Mpp | null | undefined, y: Mpp | null | undefined): PixelSpacing | null {
  return typeof x === 'number' && typeof y === 'number' ? { x, y } : null;
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

/** `0.50 µm/px (20x)`, or both axes where these digits tell them apart: `0.50 × 0.40 µm/px (20x × 25x)`. */
export function spacingLabel({ x, y }: PixelSpacing, digits = 2): string {
  const [across, down] = [x.toFixed(digits), y.toFixed(digits)];
  if (across === down) return `${across} µm/px (${magnificationLabel(x)})`;
  return `${across} × ${down} µm/px (${magnificationLabel(x)} × ${magnificationLabel(y)})`;
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
