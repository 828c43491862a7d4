import type { ChildProcess } from 'node:child_process';
import type { ObjectStore } from '@stroma/storage/object-store';
import { Lru } from '../lru.ts';
import { buildIndex } from './build-index.ts';
import { CropIndex } from './crop-index.ts';

/** An embedding file as its row in the database tells of it. */
export interface EmbeddedFile {
  objectKey: string;
  sha256: string;
  cropCount: number;
  dim: number;
}

export interface CropIndexesOptions {
  store: ObjectStore;
  log: (message: string) => void;
  /** Fewer crops are compared one by one: infra/decisions/nearest-crops-by-index.md. */
  leastCrops?: number;
}

interface Known {
  contents: string;
  /** Undefined while it is being opened or built, and when that failed. */
  index?: CropIndex;
}

/** The indexes of large cohorts, each opened or built when it is first asked for, one at a time, while nobody waits. */
export class CropIndexes {
  readonly leastCrops: number;
  readonly #store: ObjectStore;
  readonly #log: (message: string) => void;
  /** By run. */
  readonly #known = new Lru<Known>(16);
  #child: ChildProcess | undefined;
  #closed = false;
  #last: Promise<void> = Promise.resolve();

  constructor({ store, log, leastCrops = 200_000 }: CropIndexesOptions) {
    this.#store = store;
    this.#log = log;
    this.leastCrops = leastCrops;
  }

  /**
   * The index of a run's embeddings if it can be searched now. One that cannot be built is tried again when the service
   * starts again, or when the embeddings are others.
   */
  of(runId: number, files: readonly EmbeddedFile[]): CropIndex | undefined {
    if (files.reduce((sum, file) => sum + file.cropCount, 0) < this.leastCrops) return undefined;
    const contents = files.map((file) => file.sha256).join();
    const known = this.#known.get(String(runId));
    if (known?.contents === contents) return known.index;
    const next: Known = { contents };
    this.#known.set(String(runId), next);
    this.#last = this.#last.then(async () => {
      const index = await this.#openOrBuild(runId, files).catch((error: unknown) => {
        if (!this.#closed) this.#log(`no index of the embeddings of run ${runId}: ${error}`);
      });
      if (index) next.index = index;
    });
    return undefined;
  }

  /** When all that was asked for has been opened, built or given up. */
  async settled(): Promise<void> {
    await this.#last;
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
  }

  async #openOrBuild(runId: number, files: readonly EmbeddedFile[]): Promise<CropIndex | undefined> {
    if (this.#closed) return undefined;
    try {
      return await CropIndex.open(this.#store, runId, files);
    } catch (error) {
      this.#log(`the index of the embeddings of run ${runId} is built: ${error}`);
    }
    const startedAt = performance.now();
    const indexed = files.map(({ objectKey, sha256 }) => ({ path: this.#store.localPath(objectKey), sha256 }));
    await buildIndex(this.#store, runId, { files: indexed, dim: files[0]?.dim ?? 0 }, (child) => {
      this.#child = child;
      if (this.#closed) child.kill('SIGKILL');
    });
    this.#log(`indexed the embeddings of run ${runId} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    return await CropIndex.open(this.#store, runId, files);
  }
}
