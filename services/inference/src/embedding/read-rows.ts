import type { RecordBatch } from 'apache-arrow';
import { embeddingBatches, embeddingsOf } from './read-embeddings.ts';

export interface EmbeddedRow {
  row: number;
  cropId: string;
  /** Level-0 px. */
  x0: number;
  y0: number;
  size0X: number;
  size0Y: number;
  /** IEEE half precision. */
  embedding: Uint16Array;
}

/** Some rows of an embedding file, in the order of the file, of which one record batch is held at a time. */
export async function readRows(file: string, rows: readonly number[]): Promise<EmbeddedRow[]> {
  const found: EmbeddedRow[] = [];
  let first = 0;
  for await (const batch of embeddingBatches(file)) {
    const { dim, values } = embeddingsOf(batch);
    const here = rows.filter((row) => row >= first && row < first + batch.numRows).sort((a, b) => a - b);
    for (const row of here) {
      const at = row - first;
      found.push({ row, ...placeOf(batch, at), embedding: values.slice(at * dim, (at + 1) * dim) });
    }
    first += batch.numRows;
    if (found.length === rows.length) break;
  }
  return found;
}

function placeOf(batch: RecordBatch, at: number) {
  const number = (name: string) => Number(batch.getChild(name)?.get(at));
  return {
    cropId: String(batch.getChild('crop_id')?.get(at)),
    x0: number('x0'),
    y0: number('y0'),
    size0X: number('size0_x'),
    size0Y: number('size0_y'),
  };
}
