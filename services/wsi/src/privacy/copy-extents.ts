import type { FileHandle } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import { copyRemedy } from '../refusal.ts';
import { type Extents, indexAt } from './extents.ts';
import { JpegScrubber } from './scrub-jpeg.ts';
import { scrubJpeg2000 } from './scrub-jpeg2000.ts';

/** What may hide in the bytes of a tile. */
export type Scrub = 'jpeg' | 'jpeg2000' | 'nothing';

/** Read ahead of many small tiles at once, and handed on in pieces of this size. */
const windowBytes = 1 << 20;
/** A JPEG 2000 tile is looked through whole. */
export const maxJpeg2000Bytes = 64 * 1024 * 1024;

/** The bytes [from, to) of the extents' copy, one after the other, never more than a few megabytes at a time. */
export async function* copyExtents(
  handle: FileHandle,
  extents: Extents,
  scrub: Scrub,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Buffer> {
  const source = new Window(handle);
  let out = Buffer.allocUnsafe(windowBytes);
  let filled = 0;
  const first = Math.max(0, indexAt(extents.to, from));
  for (let i = first; i < extents.to.length && (extents.to[i] ?? 0) < to; i += 1) {
    // A stream is scrubbed from its beginning, also where only its end is wanted.
    let place = extents.to[i] ?? 0;
    for await (const piece of scrubbed(source, extents.from[i] ?? 0, extents.length[i] ?? 0, scrub)) {
      const wanted = piece.subarray(Math.max(0, from - place), Math.max(0, Math.min(piece.length, to - place)));
      place += piece.length;
      for (let done = 0; done < wanted.length; ) {
        const copied = wanted.copy(out, filled, done);
        done += copied;
        filled += copied;
        if (filled < windowBytes) continue;
        yield out;
        out = Buffer.allocUnsafe(windowBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield out.subarray(0, filled);
}

async function* scrubbed(source: Window, from: number, length: number, scrub: Scrub): AsyncGenerator<Buffer> {
  if (scrub === 'jpeg2000') {
    yield scrubJpeg2000(Buffer.from(await source.read(from, length)));
    return;
  }
  const jpeg = scrub === 'jpeg' ? new JpegScrubber() : undefined;
  for (let done = 0; done < length; ) {
    const piece = await source.read(from + done, Math.min(windowBytes, length - done));
    yield jpeg ? jpeg.scrub(Buffer.from(piece)) : piece;
    done += piece.length;
  }
}

/** Neighbouring tiles come from one read. */
class Window {
  readonly #handle: FileHandle;
  #start = 0;
  #bytes = Buffer.alloc(0);

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(from: number, length: number): Promise<Buffer> {
    const at = from - this.#start;
    if (at >= 0 && at + length <= this.#bytes.length) return this.#bytes.subarray(at, at + length);
    const bytes = Buffer.allocUnsafe(Math.max(windowBytes, length));
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, from);
    this.#start = from;
    this.#bytes = bytes.subarray(0, bytesRead);
    if (bytesRead >= length) return this.#bytes.subarray(0, length);
    throw new StromaError({
      code: 'slide.truncated',
      message: 'The file ends too early: a part of the slide is missing.',
      expected: `${length} bytes at ${from}`,
      found: `${bytesRead} bytes`,
      remedy: copyRemedy,
    });
  }
}
