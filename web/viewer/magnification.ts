import type { PixelSpacing } from '@stroma/core/units';

/** Magnifications with a key of their own: 1…5. 20x is 0.5 µm per screen px. */
export const magnifications = [2.5, 5, 10, 20, 40] as const;

/** What is on screen, from the slide's mpp and the zoom (screen px per level-0 px). */
export const magnificationAt = (mpp: number, zoom: number) => (10 * zoom) / mpp;

/** The zoom at which a magnification is exact. */
export const zoomOf = (mpp: number, magnification: number) => (magnification * mpp) / 10;

/** Double click: the next magnification above what is shown; the highest stays. */
export const nextMagnification = (shown: number) =>
  magnifications.find((one) => one > shown * 1.01) ?? magnifications[4];

export const isExactly = (shown: number, magnification: number) => Math.abs(shown / magnification - 1) < 0.005;

export function magnificationWord(shown: number): string {
  const digits = shown >= 20 ? 0 : shown >= 1 ? 1 : 2;
  const text = shown.toFixed(digits);
  return `${text.includes('.') ? text.replace(/\.?0+$/, '') : text}x`;
}

/**
 * Zooms that can be reached: every magnification, and beyond them from a little more than the whole slide to single
 * pixels. home: the zoom that shows the whole slide.
 */
export function zoomLimits(mpp: number | null, home: number): { least: number; most: number } {
  const [lowest, highest] = mpp === null ? [home, home] : [zoomOf(mpp, magnifications[0]), zoomOf(mpp, 40)];
  return { least: Math.min(0.7 * home, lowest), most: Math.max(4, home, highest) };
}

/** µm of the slide along one screen px of level 0 that lies across, with the slide turned by some degrees. */
export function spacingAcross({ x, y }: PixelSpacing, rotation: number): number {
  const angle = (rotation * Math.PI) / 180;
  return Math.hypot(x * Math.cos(angle), y * Math.sin(angle));
}

/** A round length that fits into `room` screen px: 1, 2 or 5 times a power of ten. */
export function barLength(perPx: number, room: number): { length: number; px: number } {
  const most = perPx * room;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((one) => one <= most) ?? power;
  return { length, px: length / perPx };
}

export function lengthWord(microns: number): string {
  if (microns >= 1000) return `${microns / 1000} mm`;
  return microns >= 1 ? `${microns} µm` : `${Math.round(microns * 1000)} nm`;
}
