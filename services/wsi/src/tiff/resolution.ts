import type { PixelSpacing } from '@stroma/core/units';
import type { TiffDirectory } from './directory.ts';
import { tag } from './tags.ts';

/** µm/px that a microscope slide can have; resolution tags of 72 or 96 dpi fall far outside. */
const finestMpp = 0.05;
const coarsestMpp = 20;
/** Finer than any scanner's calibration; takes away the rounding of the tag, which would cost the grid its last column. */
const mppDigits = 5;
const micronsPerUnit: Record<number, number | undefined> = { 2: 25_400, 3: 10_000 };

export function isPlausibleMpp(mpp: number): boolean {
  return mpp >= finestMpp && mpp <= coarsestMpp;
}

/** From X/YResolution, or null, with the reason as a quirk where the tags are there. */
export async function derivedSpacing(
  directory: TiffDirectory,
): Promise<{ spacing: PixelSpacing | null; quirks: string[] }> {
  const xResolution = await directory.number(tag.xResolution);
  const yResolution = await directory.number(tag.yResolution);
  return spacingOfTags(xResolution, yResolution, await directory.number(tag.resolutionUnit));
}

/** unit: 2 inch, 3 centimetre; inch when it is not stated (TIFF 6.0). */
export function spacingOfTags(
  xResolution: number | null | undefined,
  yResolution: number | null | undefined,
  unit: number | null | undefined,
): { spacing: PixelSpacing | null; quirks: string[] } {
  const microns = micronsPerUnit[unit ?? 2];
  if (!xResolution || !yResolution || !microns) return { spacing: null, quirks: [] };
  const x = microns / xResolution;
  const y = microns / yResolution;
  if (!isPlausibleMpp(x) || !isPlausibleMpp(y)) {
    return { spacing: null, quirks: [`the resolution tags say ${x.toPrecision(3)} µm/px, which no slide scanner has`] };
  }
  return { spacing: { x: rounded(x), y: rounded(y) }, quirks: [] };
}

function rounded(mpp: number): number {
  return Number(mpp.toPrecision(mppDigits));
}
