import turbo, { type DecompressReturn, type SubSampling } from '@julusian/jpeg-turbo';
import { StromaError } from '@stroma/core/errors';
import { type JpegHeader, jpegHeader, scanCount } from './jpeg-header.ts';

/** Interleaved 8-bit RGB, row after row, without padding. */
export interface RgbImage {
  data: Buffer;
  width: number;
  height: number;
}

/** Far above any tile or crop; a JPEG that claims more is not decoded. */
const maxPixels = 8192 * 8192;
/** Encoders write ten; each costs the time of the whole picture, and a few bytes are enough for one. */
const maxScans = 100;
const subsamplings: Record<'4:4:4' | '4:2:0', SubSampling> = { '4:4:4': turbo.SAMP_444, '4:2:0': turbo.SAMP_420 };

/**
 * Decodes off the event loop with libjpeg-turbo's fast DCT: up to 8 grey levels away from the accurate one that
 * `SlideFile.region` uses, and more than twice as fast. A damaged stream is an error, never a half-grey picture.
 * `into`, when it is large enough, receives the pixels, so that a loop needs no new buffer a tile.
 */
export async function decodeJpeg(bytes: Uint8Array, into?: Buffer): Promise<RgbImage> {
  const header = boundedHeader(bytes);
  const source = asBuffer(bytes);
  const length = header.width * header.height * 3;
  let out: DecompressReturn;
  try {
    out = await turbo.decompress(source, into && into.length >= length ? into : Buffer.allocUnsafeSlow(length), {
      format: turbo.FORMAT_RGB,
    });
  } catch (error) {
    throw unreadable(damage(error));
  }
  return { data: out.data, width: out.width, height: out.height };
}

/** Refuses what is not a JPEG, and one that claims too many pixels, before memory is taken for it. */
export function boundedHeader(bytes: Uint8Array): JpegHeader {
  const header = jpegHeader(bytes);
  if (header && header.width * header.height > 0 && header.width * header.height <= maxPixels) {
    if (!header.progressive || scanCount(asBuffer(bytes)) <= maxScans) return header;
    throw unreadable(`more than ${maxScans} scans over the picture`);
  }
  throw unreadable(header ? `a picture of ${header.width} × ${header.height} px` : 'bytes that are not a JPEG');
}

/** Encodes off the event loop. 4:4:4 keeps the colour of single nuclei; 4:2:0 is smaller. */
export async function encodeJpeg(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality = 90,
  subsampling: '4:4:4' | '4:2:0' = '4:4:4',
): Promise<Buffer> {
  if (rgb.length !== width * height * 3) {
    throw new RangeError(`${rgb.length} bytes are not ${width} × ${height} px of RGB`);
  }
  const options = { format: turbo.FORMAT_RGB, width, height, quality, subsampling: subsamplings[subsampling] };
  const worst = turbo.bufferSize(options);
  const scratch = takeScratch(worst);
  try {
    // The answer is a view of the scratch memory; a copy of it is a tenth as large.
    return Buffer.from(await turbo.compress(asBuffer(rgb), scratch, options));
  } finally {
    if (spare.length < maxSpare) spare.push(scratch);
  }
}

/** The encoder wants room for the worst case: allocated a crop, it would keep the garbage collector busier than itself. */
const spare: Buffer[] = [];
const maxSpare = 16;

function takeScratch(length: number): Buffer {
  const fits = spare.findIndex((buffer) => buffer.length === length);
  return fits < 0 ? Buffer.allocUnsafeSlow(length) : (spare.splice(fits, 1)[0] ?? Buffer.allocUnsafeSlow(length));
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function unreadable(found: string): StromaError {
  return new StromaError({
    code: 'jpeg.unreadable',
    message: 'A JPEG image cannot be read.',
    expected: 'a whole baseline or progressive JPEG of at most 67 million pixels',
    found,
    remedy: 'Copy or export the file again; its bytes are damaged.',
  });
}

/** libjpeg-turbo keeps its last message a thread; from another thread it reads “No error”. */
function damage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === 'No error' ? 'a damaged or cut-off JPEG' : message;
}
