import { cropId } from '@stroma/core/contract/manifest';
import type { EncoderCard } from '@stroma/core/contract/model-card';
import type { Connection } from '@stroma/db/client';
import type { UsedCropSet } from '@stroma/db/cohort-crops';
import type { StoredCrop } from '@stroma/db/stored-crops';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Engine } from '../engine/engine.ts';
import type { Embedder } from '../models.ts';
import { batchRows } from './embedding-file.ts';
import type { EmbeddedCrops } from './embedding-table.ts';
import { toFloat16 } from './float16.ts';
import { readCrops } from './read-crops.ts';

export const batchCrops = 32;
/** Batches under way at once: while one is in the model, the next are read and decoded. */
const batchesAtOnce = 3;
const mostRows = batchRows + batchCrops;

export interface SlideEmbedder {
  connection: Connection;
  store: ObjectStore;
  engine: Engine;
  encoder: Embedder;
  card: EncoderCard;
  signal: AbortSignal;
  /** Called with the crops of every finished batch. */
  onCrops(count: number): void;
}

/** The selected crops of a crop set through the encoder, in their order; a record batch at a time. */
export async function* embedSlide(embedder: SlideEmbedder, set: UsedCropSet): AsyncGenerator<EmbeddedCrops> {
  const { card, onCrops } = embedder;
  let rows = new Rows(set, card.embedding_dim);
  for await (const { crops, embeddings } of embedBatches(embedder, set)) {
    rows.add(crops, toFloat16(embeddings));
    onCrops(crops.length);
    if (rows.count < batchRows) continue;
    yield rows.finish();
    rows = new Rows(set, card.embedding_dim);
  }
  if (rows.count > 0) yield rows.finish();
}

interface EmbeddedBatch {
  crops: readonly StoredCrop[];
  embeddings: Float32Array;
}

/** In the order of the crops. */
async function* embedBatches(embedder: SlideEmbedder, set: UsedCropSet): AsyncGenerator<EmbeddedBatch> {
  const { connection, store, engine, encoder, card, signal } = embedder;
  const underWay: Promise<EmbeddedBatch>[] = [];
  for await (const crops of readCrops(connection, store, set, batchCrops)) {
    signal.throwIfAborted();
    const jpegs = crops.map((crop) => crop.jpeg);
    const request = { model: encoder, cropPx: card.crop_px, encoding: 'jpeg' as const, crops: jpegs };
    const call = engine.call('embed', request, { lane: 'batch', signal });
    const batch = call.then(({ embeddings }) => ({ crops, embeddings }));
    // Told to whoever takes it; until then it must not count as unhandled.
    batch.catch(() => undefined);
    underWay.push(batch);
    if (underWay.length >= batchesAtOnce) yield await (underWay.shift() ?? batch);
  }
  for (const batch of underWay) yield await batch;
}

/** Rows while they come in, batch by batch. */
class Rows {
  count = 0;
  readonly #set: UsedCropSet;
  readonly #dim: number;
  readonly #cropIds: string[] = [];
  readonly #x0 = new Int32Array(mostRows);
  readonly #y0 = new Int32Array(mostRows);
  readonly #tissueFraction = new Float32Array(mostRows);
  readonly #embeddings: Uint16Array;

  constructor(set: UsedCropSet, dim: number) {
    this.#set = set;
    this.#dim = dim;
    this.#embeddings = new Uint16Array(mostRows * dim);
  }

  add(crops: readonly StoredCrop[], embeddings: Uint16Array): void {
    this.#embeddings.set(embeddings, this.count * this.#dim);
    for (const { ix, x0, y0, tissueFraction } of crops) {
      this.#cropIds.push(cropId(this.#set.cropSetId, ix));
      this.#x0[this.count] = x0;
      this.#y0[this.count] = y0;
      this.#tissueFraction[this.count] = tissueFraction;
      this.count += 1;
    }
  }

  finish(): EmbeddedCrops {
    return {
      cropIds: this.#cropIds,
      x0: this.#x0.subarray(0, this.count),
      y0: this.#y0.subarray(0, this.count),
      tissueFraction: this.#tissueFraction.subarray(0, this.count),
      embeddings: this.#embeddings.subarray(0, this.count * this.#dim),
    };
  }
}
