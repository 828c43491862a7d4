import { open } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import { type FixedSizeList, type Float16, type RecordBatch, RecordBatchReader, type Vector } from 'apache-arrow';
import type { EmbeddedCrops, EmbeddedSlide } from './embedding-table.ts';

/** The record batches of an embedding file, one at a time. */
export async function* embeddingBatches(file: string): AsyncGenerator<RecordBatch> {
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(file, String(error));
  });
  try {
    const reader = await RecordBatchReader.from(handle);
    await reader.open();
    for await (const batch of reader) yield batch;
  } catch (error) {
    throw error instanceof StromaError ? error : unreadable(file, String(error));
  } finally {
    await handle.close();
  }
}

/** The numbers of a batch: IEEE half precision, row after row, a view of what was read. */
export function embeddingsOf(batch: RecordBatch): { dim: number; values: Uint16Array } {
  const column = batch.getChild('embedding') as Vector<FixedSizeList<Float16>> | null;
  const [data] = column?.data ?? [];
  if (!column || !data?.children[0]) throw unreadable('a record batch', 'no column `embedding`');
  const dim = column.type.listSize;
  return { dim, values: data.children[0].values.subarray(data.offset * dim, (data.offset + data.length) * dim) };
}

/** A whole file, for what needs all of it at once. */
export async function readEmbeddings(file: string): Promise<EmbeddedSlide & EmbeddedCrops> {
  const batches: RecordBatch[] = [];
  for await (const batch of embeddingBatches(file)) batches.push(batch);
  const first = batches[0];
  if (!first) throw unreadable(file, 'no rows');
  const { dim } = embeddingsOf(first);
  const rows = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const whole = {
    slideId: String(first.getChild('slide_id')?.get(0)),
    size0X: Number(first.getChild('size0_x')?.get(0)),
    size0Y: Number(first.getChild('size0_y')?.get(0)),
    mpp: Number(first.getChild('mpp')?.get(0)),
    dim,
    cropIds: batches.flatMap((batch) => [...(batch.getChild('crop_id') ?? [])].map(String)),
    x0: new Int32Array(rows),
    y0: new Int32Array(rows),
    tissueFraction: new Float32Array(rows),
    embeddings: new Uint16Array(rows * dim),
  };
  let at = 0;
  for (const batch of batches) {
    whole.x0.set(batch.getChild('x0')?.toArray() as Int32Array, at);
    whole.y0.set(batch.getChild('y0')?.toArray() as Int32Array, at);
    whole.tissueFraction.set(batch.getChild('tissue_fraction')?.toArray() as Float32Array, at);
    whole.embeddings.set(embeddingsOf(batch).values, at * dim);
    at += batch.numRows;
  }
  return whole;
}

export function unreadable(where: string, found: string): StromaError {
  return new StromaError(
    {
      code: 'embeddings.unreadable',
      message: 'The embeddings of a slide cannot be read.',
      expected: 'an Arrow IPC file with a column `embedding`, as the embed stage writes it',
      found,
      where,
      remedy: 'Run the embed stage again.',
    },
    500,
  );
}
