import type { FileHandle } from 'node:fs/promises';
import type { GeoTIFF } from 'geotiff';
import { copyRemedy, refuse, refuseContents } from '../refusal.ts';

type Source = Parameters<typeof GeoTIFF.fromSource>[0];
type Slice = Parameters<Source['fetchSlice']>[0];

/** What geotiff asks for at most where a header or a directory begins, before it knows how long it is. */
const lookAhead = 4048;
/** Tile tables and texts of a slide of 500,000 px a side need less; a file that asks for more is damaged. */
const maxBytes = 64 * 1024 * 1024;

/**
 * A TIFF as geotiff reads it. geotiff believes the counts and offsets of the file, but takes memory for values only
 * once it holds their bytes: a read that the file's end or the bound on all reads together contradicts is refused
 * before any memory is taken for it.
 */
export class TiffSource implements Source {
  readonly fileSize: number;
  readonly #handle: FileHandle;
  readonly #prepared = new Map<number, ArrayBuffer>();
  #left = maxBytes;

  constructor(handle: FileHandle, fileSize: number) {
    this.#handle = handle;
    this.fileSize = fileSize;
  }

  /** Answers geotiff's look-ahead at this offset, which would often reach beyond the file's end. */
  prepare(offset: number, bytes: ArrayBuffer): void {
    this.#prepared.set(offset, bytes);
  }

  async fetch(slices: Slice[]): Promise<ArrayBuffer[]> {
    return await Promise.all(slices.map(async (slice) => (await this.fetchSlice(slice)).data));
  }

  async fetchSlice({ offset, length }: Slice) {
    const prepared = length <= lookAhead ? this.#prepared.get(offset) : undefined;
    const data = prepared ?? (await this.read(offset, length, `byte ${offset}`).catch(passGeotiff));
    return { offset, length, data };
  }

  async read(position: number, length: number, where: string): Promise<ArrayBuffer> {
    if (position + length > this.fileSize) {
      refuse('truncated', {
        message: 'The file ends too early: a part of the slide is missing.',
        expected: `at least ${position + length} bytes`,
        found: `${this.fileSize} bytes`,
        where,
        remedy: copyRemedy,
      });
    }
    if (length > this.#left) refuseContents(`at most ${maxBytes} bytes`, 'more', where);
    this.#left -= length;
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) throw new Error(`the file shrank while it was read (${where})`);
      done += bytesRead;
    }
    return bytes.buffer;
  }

  // The file belongs to whoever opened it.
  async close(): Promise<void> {}
}

/** geotiff throws bare errors over contents that make no sense to it; what its source throws comes through as it is. */
export async function readByGeotiff<T>(work: Promise<T>, where: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SourceError) throw error.cause;
    // The first sentence says what it met, the others ask for a report to its authors.
    const found = String(error instanceof Error ? error.message : error).split('. ')[0] ?? '';
    refuseContents('fields as TIFF 6.0 or BigTIFF describes them', found, where);
  }
}

/** Marks a refusal or an error of the disk on its way through geotiff. */
class SourceError extends Error {}

function passGeotiff(cause: unknown): never {
  throw new SourceError('the source refuses or fails', { cause });
}
