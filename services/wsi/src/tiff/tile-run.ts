import type { FileHandle } from 'node:fs/promises';
import { completeJpeg, readTile, withoutComments } from './tile-jpeg.ts';
import type { TileTable } from './tile-table.ts';

/** Bytes between the tiles of a run that are worth reading along. */
const mostSpare = 256 * 1024;

/** Tiles `from` … `to` − 1 as complete JPEGs, undefined where none is stored; by one read where they lie together. */
export async function readTileRun(
  handle: FileHandle,
  table: TileTable,
  from: number,
  to: number,
): Promise<(Buffer | undefined)[]> {
  const indexes = Array.from({ length: to - from }, (_, i) => from + i);
  let [start, end, stored] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const index of indexes) {
    const count = table.counts[index] ?? 0;
    if (count === 0) continue;
    start = Math.min(start, table.offsets[index] ?? 0);
    end = Math.max(end, (table.offsets[index] ?? 0) + count);
    stored += count;
  }
  if (end - start > stored + mostSpare)
    return await Promise.all(indexes.map((index) => readTile(handle, table, index)));
  if (stored === 0) return indexes.map(() => undefined);
  const bytes = Buffer.allocUnsafeSlow(end - start);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  const read = bytes.subarray(0, bytesRead);
  return indexes.map((index) => {
    const count = table.counts[index] ?? 0;
    const at = (table.offsets[index] ?? 0) - start;
    return count === 0
      ? undefined
      : completeJpeg(withoutComments(read.subarray(at, at + count)), table.tables, table.rgb);
  });
}
