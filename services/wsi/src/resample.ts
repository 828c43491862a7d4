import { sharp } from './bounded-sharp.ts';
import type { RgbImage } from './jpeg.ts';

/** Resamples to exactly width × height; shrinking averages over every source pixel (lanczos), so nothing aliases. */
export async function resample({ data, ...from }: RgbImage, width: number, height: number): Promise<Buffer> {
  if (from.width === width && from.height === height) return data;
  return await sharp(data, { raw: { width: from.width, height: from.height, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
}

/** Decodes a JPEG straight to a smaller size: the decoder skips the frequencies that would be thrown away. */
export async function decodeShrunk(jpeg: Buffer, width: number, height: number): Promise<Buffer> {
  return await sharp(jpeg, { failOn: 'warning' })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .removeAlpha()
    .raw()
    .toBuffer();
}
