import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordBatch } from 'apache-arrow';
import { fromFloat16 } from '../embedding/float16.ts';
import { embeddingBatches, embeddingsOf } from '../embedding/read-embeddings.ts';
import { cosines } from './cosines.ts';
import { NearestList } from './nearest-list.ts';

export interface EmbeddingFile {
  path: string;
  dim: number;
}

export interface FoundCrop {
  cropId: string;
  x0: number;
  y0: number;
  /** Index into the files. */
  file: number;
}

export interface Scan {
  /** Of any length but zero. */
  vector: Float32Array;
  limit: number;
  except: ReadonlySet<string>;
  signal?: AbortSignal | undefined;
}

/**
 * The nearest crops by cosine, each compared: the exact answer. One record batch is held at a time, and others have their
 * turn between two of them, some 10 ms of work each.
 */
export async function scanEmbeddings<File extends EmbeddingFile>(
  files: readonly File[],
  { vector, limit, except, signal }: Scan,
  batchesOf: (file: File) => AsyncIterable<RecordBatch> = ({ path }) => embeddingBatches(path),
): Promise<{ similarity: number; value: FoundCrop }[]> {
  const nearest = new NearestList<FoundCrop>(limit);
  const norm = Math.hypot(...vector);
  for (const [file, one] of files.entries()) {
    for await (const batch of batchesOf(one)) {
      signal?.throwIfAborted();
      const { dim, values } = embeddingsOf(batch);
      if (dim !== vector.length) throw new RangeError(`${dim} dimensions in ${one.path}, ${vector.length} asked with`);
      const similarity = cosines(fromFloat16(values), vector, norm);
      for (let row = 0; row < batch.numRows; row += 1) {
        if (!((similarity[row] ?? 0) > nearest.bar)) continue;
        const cropId = String(batch.getChild('crop_id')?.get(row));
        if (except.has(cropId)) continue;
        const [x0, y0] = [batch.getChild('x0')?.get(row), batch.getChild('y0')?.get(row)];
        nearest.add(similarity[row] ?? 0, { cropId, x0: Number(x0), y0: Number(y0), file });
      }
      await nextTurn();
    }
  }
  return [...nearest.entries];
}
