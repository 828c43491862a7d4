import type { PixelSpacing } from '../units.ts';

/** Two statements about one slide's scale may differ by this share on either axis and still say the same. */
export const spacingTolerance = 0.02;

/** The larger of both axes' differences, as a share: 0.02 when one says 0.50 and the other 0.51 µm/px; never negative. */
export function spacingDifference(a: PixelSpacing, b: PixelSpacing): number {
  return Math.max(axisDifference(a.x, b.x), axisDifference(a.y, b.y));
}

export function spacingsAgree(a: PixelSpacing, b: PixelSpacing): boolean {
  return spacingDifference(a, b) <= spacingTolerance;
}

/** The larger is divided by the smaller, so that it does not matter which of the two is taken as right. */
function axisDifference(a: number, b: number): number {
  return Math.max(a, b) / Math.min(a, b) - 1;
}
