import { closeSync, openSync, readSync } from 'node:fs';
import { type CropQuality, cropQuality } from '@stroma/wsi/crop-quality';
import { decodeJpegSync } from '@stroma/wsi/jpeg-sync';
import { type NumberTable, numberTable, rowsOf } from '../number-table.ts';
import type { PlacesInShard } from './messages.ts';

const keys = ['sharpness', 'pen', 'saturation', 'darkness'] as const satisfies (keyof CropQuality)[];
/** A crop whose JPEG cannot be decoded shows nothing sharp, and has no other number. */
const undecodable: CropQuality = { sharpness: 0, pen: Number.NaN, saturation: Number.NaN, darkness: Number.NaN };

/** What the pixels of crops in a shard say, in the order of their places; `each` is called after every crop. */
export function measureCrops(file: string, places: PlacesInShard, each: () => void): NumberTable<keyof CropQuality> {
  const descriptor = openSync(file, 'r');
  let pixels: Buffer = Buffer.alloc(0);
  try {
    const rows = rowsOf(places).map(({ offset, length }) => {
      const jpeg = Buffer.allocUnsafe(length);
      const read = readSync(descriptor, jpeg, 0, length, offset);
      let quality = undecodable;
      try {
        const { data, width, height } = decodeJpegSync(jpeg.subarray(0, read), pixels);
        pixels = data;
        quality = cropQuality(data, width, height);
      } catch {
        // Said by its numbers.
      }
      each();
      return quality;
    });
    return numberTable(keys, rows);
  } finally {
    closeSync(descriptor);
  }
}
