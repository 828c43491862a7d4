import type { FileHandle } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import { copyRemedy } from '../refusal.ts';
import { maxJpeg2000Bytes, type Scrub } from './copy-extents.ts';
import { JpegScrubber } from './scrub-jpeg.ts';
import { scrubJpeg2000 } from './scrub-jpeg2000.ts';

const item = 0xe000_fffe;
const end = 0xe0dd_fffe;
const pieceBytes = 1 << 20;

/** Pixels that are stored as they are. */
export async function* nativePixels(handle: FileHandle, from: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; ) {
    const piece = await readAt(handle, from + done, Math.min(pieceBytes, length - done));
    yield piece;
    done += piece.length;
  }
}

/**
 * The fragments of encapsulated pixels (PS3.5, A.4), each scrubbed, up to their delimiter: what a file holds behind it is
 * left out. A frame begins where a fragment begins as an image does.
 */
export async function* encapsulatedPixels(handle: FileHandle, from: number, scrub: Scrub): AsyncGenerator<Buffer> {
  let jpeg = new JpegScrubber();
  for (let at = from, index = 0; ; index += 1) {
    const head = await readAt(handle, at, 8);
    const tag = head.readUInt32LE(0);
    const length = head.readUInt32LE(4);
    if (tag !== item && tag !== end) throw damaged(`${head.toString('hex')} at byte ${at}`);
    if (tag === end) {
      yield Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
      return;
    }
    yield head;
    at += 8;
    if (index === 0) yield* nativePixels(handle, at, length);
    else if (scrub === 'jpeg2000') yield await jpeg2000Fragment(handle, at, length);
    else {
      const begin = length > 1 && (await readAt(handle, at, 2)).readUInt16BE(0) === 0xffd8;
      if (begin) jpeg = new JpegScrubber();
      for await (const piece of nativePixels(handle, at, length)) yield jpeg.scrub(piece);
    }
    at += length;
  }
}

async function jpeg2000Fragment(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  if (length > maxJpeg2000Bytes) throw damaged(`a frame of ${length} bytes`);
  const bytes = await readAt(handle, at, length);
  if (length > 3 && bytes.readUInt16BE(0) === 0xff4f) return scrubJpeg2000(bytes);
  throw damaged('a JPEG 2000 frame in several fragments');
}

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  if (bytesRead === length) return bytes;
  throw damaged(`the file’s end, ${length - bytesRead} bytes too early`);
}

function damaged(found: string): StromaError {
  return new StromaError({
    code: 'slide.damaged',
    message: 'The pixels of the DICOM file cannot be copied.',
    expected: 'fragments as DICOM PS3.5 describes them, one or more a frame',
    found,
    remedy: copyRemedy,
  });
}
