import type { InterpolationAnswer } from '@stroma/core/http/interpolation';
import type { Database } from '@stroma/db/client';
import { cohortEmbeddingSets } from '@stroma/db/embedding-sets';
import { doneRun } from '@stroma/db/run-inputs';
import type { ObjectStore } from '@stroma/storage/object-store';
import { fromFloat16 } from '../embedding/float16.ts';
import { readEmbeddings } from '../embedding/read-embeddings.ts';
import { Lru } from './lru.ts';

/** Compared one by one: 40 ms of a core, and 60 MB at 384 numbers each. */
const mostCrops = 40_000;

type Nearest = NonNullable<InterpolationAnswer['nearest']>;
type Place = Omit<Nearest, 'similarity' | 'among'>;

interface Compared {
  dim: number;
  places: Place[];
  /** Of unit length, row after row. */
  directions: Float32Array;
}

/** The real crop of a job's cohort that is most like a picture, among at most `mostCrops`, whole slides in their order. */
export class NearestCrops {
  readonly #db: Database;
  readonly #store: ObjectStore;
  readonly #compared = new Lru<Promise<Compared>>(2);

  constructor(options: { db: Database; store: ObjectStore }) {
    this.#db = options.db;
    this.#store = options.store;
  }

  /** embedding: by the job's own DINO encoder. */
  async of(jobId: number, cohortId: number, embedding: Float32Array): Promise<Nearest | null> {
    const runId = await doneRun(this.#db, jobId, 'embed', 'dino');
    if (runId === undefined) return null;
    const key = String(runId);
    let compared = this.#compared.get(key);
    if (!compared) {
      compared = this.#read(runId, cohortId);
      this.#compared.set(key, compared);
    }
    return nearest(await compared, embedding);
  }

  async #read(runId: number, cohortId: number): Promise<Compared> {
    const sets = await cohortEmbeddingSets(this.#db, runId, cohortId);
    const dim = sets[0]?.dim ?? 0;
    const places: Place[] = [];
    const pieces: Float32Array[] = [];
    for (const set of sets) {
      if (set.cropCount === 0 || places.length + set.cropCount > mostCrops) continue;
      const { cropIds, x0, y0, size0X, size0Y, embeddings } = await readEmbeddings(
        this.#store.localPath(set.objectKey),
      );
      const { slideId, slideName } = set;
      for (const [i, cropId] of cropIds.entries()) {
        places.push({ cropId, slideId, slideName, x0: x0[i] ?? 0, y0: y0[i] ?? 0, size0X, size0Y });
      }
      pieces.push(unitRows(fromFloat16(embeddings), dim));
    }
    const directions = new Float32Array(places.length * dim);
    let at = 0;
    for (const piece of pieces) {
      directions.set(piece, at);
      at += piece.length;
    }
    return { dim, places, directions };
  }
}

function nearest({ dim, places, directions }: Compared, embedding: Float32Array): Nearest | null {
  const wanted = unitRows(embedding, dim);
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < places.length; row += 1) {
    let dot = 0;
    for (let i = 0, at = row * dim; i < dim; i += 1, at += 1) dot += (directions[at] ?? 0) * (wanted[i] ?? 0);
    if (dot > most) [best, most] = [row, dot];
  }
  const place = places[best];
  return place ? { ...place, similarity: Math.min(1, most), among: places.length } : null;
}

function unitRows(values: Float32Array, dim: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += dim) {
    let square = 0;
    for (let i = at; i < at + dim; i += 1) square += (values[i] ?? 0) ** 2;
    const length = Math.sqrt(square) || 1;
    for (let i = at; i < at + dim; i += 1) out[i] = (values[i] ?? 0) / length;
  }
  return out;
}
