import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { copyExtents } from './copy-extents.ts';
import { planTiffCopy, type TiffCopyOptions } from './tiff-copy.ts';

/** A slide's file without what identifies, as a stream: it is made while it is read and never lies anywhere whole. */
export interface SlideCopy {
  /** Ending of the file's name, with its dot. */
  ending: string;
  contentType: string;
  bytes: number;
  /** Bytes [from, to) of the copy. */
  stream(range?: { from: number; to: number }): Readable;
}

/** A de-identified copy of a TIFF; refused with a Problem where its cleanness could not be promised. */
export async function tiffSlideCopy(file: string, options: TiffCopyOptions): Promise<SlideCopy> {
  const handle = await open(file, 'r');
  try {
    const copy = await planTiffCopy(file, handle, options);
    const { head, extents, scrub, tail } = copy;
    const bytes = head.length + extents.bytes + tail.length;

    async function* parts({ from, to }: { from: number; to: number }): AsyncGenerator<Buffer> {
      const source = await open(file, 'r');
      try {
        if (from < head.length) yield head.subarray(from, to);
        const shift = head.length;
        const end = shift + extents.bytes;
        if (to > shift && from < end) {
          const range = { from: Math.max(0, from - shift), to: Math.min(to - shift, extents.bytes) };
          yield* copyExtents(source, extents, scrub, range);
        }
        if (to > end) yield tail.subarray(Math.max(0, from - end), to - end);
      } finally {
        await source.close();
      }
    }

    return {
      ending: extents && tail.length > 0 ? '.svs' : '.tif',
      contentType: 'image/tiff',
      bytes,
      stream: (range = { from: 0, to: bytes }) => Readable.from(parts(range), { objectMode: false }),
    };
  } finally {
    await handle.close();
  }
}
