import type { TiffDirectory } from './tiff-directory.ts';
import { tag } from './tiff-tags.ts';

/** µm/px that a microscope slide can have; resolution tags of 72 or 96 dpi fall far outside. */
const finestMpp = 0.05;
const coarsestMpp = 20;
/** Pixels are taken as square when both axes agree within 1 %. */
const squareTolerance = 0.01;
/** Finer than any scanner's calibration; takes away the rounding of the tag, which would cost the grid its last column. */
const mppDigits = 5;
const micronsPerUnit: Record<number, number | undefined> = { 2: 25_400, 3: 10_000 };

export function isPlausibleMpp(mpp: number): boolean {
  return mpp >= finestMpp && mpp <= coarsestMpp;
}

/** mpp from X/YResolution, or null with the reason as a quirk. */
export async function derivedMpp(directory: TiffDirectory): Promise<{ mpp: number | null; quirks: string[] }> {
  const x = await directory.number(tag.xResolution);
  const y = await directory.number(tag.yResolution);
  // TIFF 6.0: inch when the unit is not stated.
  const microns = micronsPerUnit[(await directory.number(tag.resolutionUnit)) ?? 2];
  if (!x || !y || !microns) return { mpp: null, quirks: [] };
  const mppX = microns / x;
  const mppY = microns / y;
  if (!isPlausibleMpp(mppX) || !isPlausibleMpp(mppY)) {
    return { mpp: null, quirks: [`the resolution tags say ${mppX.toPrecision(3)} µm/px, which no slide scanner has`] };
  }
  if (Math.abs(mppX / mppY - 1) > squareTolerance) {
    return {
      mpp: null,
      quirks: [`pixels are not square: ${mppX.toPrecision(4)} × ${mppY.toPrecision(4)} µm`],
    };
  }
  return { mpp: Number(((mppX + mppY) / 2).toPrecision(mppDigits)), quirks: [] };
}
