import turbo, { type DecompressReturn } from '@julusian/jpeg-turbo';
import { asBuffer, boundedHeader, type RgbImage, unreadable } from './jpeg.ts';

// For a process that has nothing else to do: a codec that blocks needs no thread, no promise and no hand-over, and
// gives the same bytes as jpeg.ts.

/** Decodes to RGB into `into`, or into new memory where that is too small. */
export function decodeJpegSync(bytes: Uint8Array, into: Buffer): RgbImage {
  const header = boundedHeader(bytes);
  const length = header.width * header.height * 3;
  let out: DecompressReturn;
  try {
    const target = into.length >= length ? into : Buffer.allocUnsafeSlow(length);
    out = turbo.decompressSync(asBuffer(bytes), target, { format: turbo.FORMAT_RGB });
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
  return { data: out.data, width: out.width, height: out.height };
}

/** Room that the encoder wants for a picture, most of which it leaves. */
export function encodedRoom(width: number, height: number): number {
  return turbo.bufferSize({ width, height, subsampling: turbo.SAMP_444 });
}

/** Encodes RGB at 4:4:4 to the start of `into`, which has at least `encodedRoom` bytes, and answers the length. */
export function encodeJpegSync(rgb: Buffer, width: number, height: number, quality: number, into: Buffer): number {
  const options = { format: turbo.FORMAT_RGB, width, height, quality, subsampling: turbo.SAMP_444 };
  return turbo.compressSync(rgb, into, options).length;
}
