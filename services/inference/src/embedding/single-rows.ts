import { type FileHandle, open } from 'node:fs/promises';
import { unreadable } from './read-embeddings.ts';
import { type BatchLayout, bytesAt } from './row-layout.ts';

export interface SingleRow {
  cropId: string;
  /** Level-0 px. */
  x0: number;
  y0: number;
  /** IEEE half precision. */
  embedding: Uint16Array;
}

/** Some rows of an embedding file, in the order that they are asked in; nothing else of it is read. */
export async function singleRows(
  path: string,
  { batches, dim }: { batches: readonly BatchLayout[]; dim: number },
  rows: readonly number[],
): Promise<SingleRow[]> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, String(error));
  });
  try {
    const found: SingleRow[] = [];
    for (const row of rows) {
      const batch = batches.find(({ firstRow, rows }) => row >= firstRow && row < firstRow + rows);
      if (!batch) throw unreadable(path, `no row ${row}`);
      found.push(await rowOf(file, path, batch, row - batch.firstRow, dim));
    }
    return found;
  } finally {
    await file.close();
  }
}

async function rowOf(file: FileHandle, path: string, batch: BatchLayout, row: number, dim: number): Promise<SingleRow> {
  const [ends, x0, y0, numbers] = await Promise.all([
    bytesAt(file, path, batch.cropIdEnds + 4 * row, 8),
    bytesAt(file, path, batch.x0 + 4 * row, 4),
    bytesAt(file, path, batch.y0 + 4 * row, 4),
    bytesAt(file, path, batch.embeddings + 2 * dim * row, 2 * dim),
  ]);
  const from = ends.readInt32LE(0);
  const cropId = await bytesAt(file, path, batch.cropIds + from, ends.readInt32LE(4) - from);
  return {
    cropId: cropId.toString('utf8'),
    x0: x0.readInt32LE(0),
    y0: y0.readInt32LE(0),
    embedding: new Uint16Array(numbers.buffer, numbers.byteOffset, dim),
  };
}
