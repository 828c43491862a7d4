import type { RecordBatch } from 'apache-arrow';
import { embeddingBatches } from '../embedding/read-embeddings.ts';
import { Lru } from '../lru.ts';

/** A slide of 3,000 crops of 384 numbers: reading a larger file takes longer than opening it. */
const mostRowsKept = 3_000;
/** 2.4 MB each at most, of 384 numbers: 150 MB. */
const mostFilesKept = 64;

/** Embeddings of small slides, as they were read: a walk asks the same cohort for its nearest crop at every step. */
export class KeptBatches {
  readonly #kept = new Lru<RecordBatch[]>(mostFilesKept);

  /** sha256: of the file, so that one that was written anew is read anew. */
  async *of(path: string, sha256: string): AsyncGenerator<RecordBatch> {
    const known = this.#kept.get(sha256);
    if (known) return yield* known;
    const read: RecordBatch[] = [];
    let rows = 0;
    for await (const batch of embeddingBatches(path)) {
      rows += batch.numRows;
      if (rows <= mostRowsKept) read.push(batch);
      yield batch;
    }
    if (rows <= mostRowsKept) this.#kept.set(sha256, read);
  }
}
