import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

export type ZipEntry =
  | { name: string; text: string }
  | { name: string; file: string }
  | { name: string; open(): Readable };

/**
 * A zip as a stream. Files are stored as they are: Parquet, HDF5 and slides are compressed, or do not get smaller. `modified`
 * stands in every entry, so that the same content gives the same bytes.
 */
export function zipStream(entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>, modified: Date): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  void fill(zip, output, entries, modified).catch((error: unknown) => output.destroy(error as Error));
  return output;
}

async function fill(
  zip: ZipFile,
  output: Readable,
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
  mtime: Date,
): Promise<void> {
  // The reader went away: nobody would ever read the entry at hand to its end.
  const gone = once(output, 'close').then(() => {
    throw new Error('the zip was not read to its end');
  });
  gone.catch(() => undefined);
  for await (const entry of entries) {
    if ('text' in entry) {
      zip.addBuffer(Buffer.from(entry.text, 'utf8'), entry.name, { mtime, compress: true });
      continue;
    }
    const stream = 'file' in entry ? createReadStream(entry.file) : entry.open();
    zip.addReadStream(stream, entry.name, { mtime, compress: false, forceZip64Format: true });
    // One slide at a time: its file may be removed, and memory stays bounded, however slow the reader.
    try {
      await Promise.race([once(stream, 'close'), gone]);
    } finally {
      // Where the reader went away its file is still open.
      stream.destroy();
    }
  }
  zip.end();
}
