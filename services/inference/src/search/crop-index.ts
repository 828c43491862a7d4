import { createHash } from 'node:crypto';
import type { ObjectStore } from '@stroma/storage/object-store';
import { Value } from 'typebox/value';
import type { Index } from 'usearch';
import { type BatchLayout, layoutOf } from '../embedding/row-layout.ts';
import { type SingleRow, singleRows } from '../embedding/single-rows.ts';
import { graph, IndexRecord, indexKeys } from './index-record.ts';

/** A row of one of the files that were indexed. */
export interface IndexedRow {
  file: number;
  row: number;
}

/** An index of a run's embeddings, mapped into memory: the system holds of it what searches touch. */
export class CropIndex {
  readonly dim: number;
  readonly rows: number;
  readonly #index: Index;
  /** Number of each file's first row. */
  readonly #firsts: number[] = [];
  readonly #layouts = new Map<string, Promise<BatchLayout[]>>();

  private constructor(index: Index, { dim, files }: IndexRecord) {
    this.#index = index;
    this.dim = dim;
    let rows = 0;
    for (const file of files) {
      this.#firsts.push(rows);
      rows += file.rows;
    }
    this.rows = rows;
  }

  /** Rejects when there is no index of just these files, or when its file is not the one that was built. */
  static async open(store: ObjectStore, runId: number, files: readonly { sha256: string }[]): Promise<CropIndex> {
    const keys = indexKeys(runId);
    const record: unknown = JSON.parse((await store.get(keys.record)).toString('utf8'));
    if (!Value.Check(IndexRecord, record)) throw new Error('its record is of another version');
    const same =
      record.files.length === files.length && files.every((file, i) => record.files[i]?.sha256 === file.sha256);
    if (!same) throw new Error('it was built of other embeddings');
    const bytes = await store.size(keys.index);
    if (bytes !== record.bytes) throw new Error(`its file has ${bytes ?? 'no'} bytes instead of ${record.bytes}`);
    const hash = createHash('sha256');
    for await (const chunk of store.stream(keys.index)) hash.update(chunk as Buffer);
    if (hash.digest('hex') !== record.sha256) throw new Error('its file was changed after it was built');
    const { Index, MetricKind } = await import('usearch');
    const index = new Index({ ...graph, dimensions: record.dim, metric: MetricKind.Cos, multi: false } as never);
    index.view(store.localPath(keys.index));
    return new CropIndex(index, record as IndexRecord);
  }

  /** The nearest rows as the graph finds them, nearest first; a thousand take some 10 ms of this event loop. */
  nearest(vector: Float32Array, count: number): IndexedRow[] {
    const { keys } = this.#index.search(vector, Math.min(count, this.rows), 1);
    return [...keys].map((key) => {
      const number = Number(key);
      const next = this.#firsts.findIndex((first) => first > number);
      const file = (next < 0 ? this.#firsts.length : next) - 1;
      return { file, row: number - (this.#firsts[file] ?? 0) };
    });
  }

  async read(path: string, rows: readonly number[]): Promise<SingleRow[]> {
    const known = this.#layouts.get(path) ?? layoutOf(path);
    this.#layouts.set(path, known);
    return await singleRows(path, { batches: await known, dim: this.dim }, rows);
  }
}
