import { availableParallelism } from 'node:os';
import type { CropPlan, PlannedCrop } from '@stroma/wsi/crop-plan';
import { type CropQuality, cropQuality } from '@stroma/wsi/crop-quality';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import { resample } from '@stroma/wsi/resample';
import type { TileWindow } from './tile-window.ts';

export interface CutCrop extends PlannedCrop {
  quality: CropQuality;
  jpeg: Buffer;
}

/** Quality 90 without colour subsampling: below it nuclear chromatin loses visible detail. */
const jpegQuality = 90;
/** Crops under way: enough that every core has work while the event loop stays free. */
const inFlight = 4 * availableParallelism();

/** Cuts the plan's crops in its order; undefined stands for a crop whose tiles cannot be read. */
export async function* cutCrops(
  window: TileWindow,
  { crops, readWidth: width, readHeight: height }: CropPlan,
  sizePx: number,
  signal: AbortSignal,
): AsyncGenerator<CutCrop | undefined> {
  const free: Buffer[] = [];
  const cut = async (crop: PlannedCrop): Promise<CutCrop | undefined> => {
    const pixels = free.pop() ?? Buffer.allocUnsafeSlow(width * height * 3);
    try {
      if (!(await window.cut(crop, pixels))) return undefined;
      const data = await resample({ data: pixels, width, height }, sizePx, sizePx);
      const jpeg = await encodeJpeg(data, sizePx, sizePx, jpegQuality, '4:4:4');
      return { ...crop, quality: cropQuality(data, sizePx, sizePx), jpeg };
    } finally {
      free.push(pixels);
    }
  };
  const underWay: Promise<CutCrop | undefined>[] = [];
  try {
    for (const crop of crops) {
      signal.throwIfAborted();
      underWay.push(cut(crop));
      if (underWay.length >= inFlight) yield await underWay.shift();
    }
    while (underWay.length > 0) yield await underWay.shift();
  } finally {
    // Whoever stops early closes the slide next: no read may be in flight then.
    await Promise.allSettled(underWay);
  }
}
