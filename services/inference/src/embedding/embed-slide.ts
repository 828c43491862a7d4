import { cropId } from '@stroma/core/contract/manifest';
import type { EncoderCard } from '@stroma/core/contract/model-card';
import type { Connection } from '@stroma/db/client';
import type { CohortCropSet } from '@stroma/db/cohort-crops';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Engine } from '../engine/engine.ts';
import type { ModelFile } from '../engine/protocol.ts';
import type { EmbeddingFile } from './embedding-file.ts';
import { toFloat16 } from './float16.ts';
import { readCrops } from './read-crops.ts';

export const batchCrops = 32;
/** Batches under way at once: while one is in the model, the next are read and decoded. */
const batchesAtOnce = 3;

export interface SlideEmbedder {
  connection: Connection;
  store: ObjectStore;
  engine: Engine;
  encoder: ModelFile;
  card: EncoderCard;
  signal: AbortSignal;
  /** Called with the crops of every finished batch. */
  onCrops(count: number): void;
}

/** The selected crops of a crop set through the encoder. */
export async function embedSlide(embedder: SlideEmbedder, set: CohortCropSet): Promise<EmbeddingFile> {
  const { connection, store, engine, encoder, card, signal, onCrops } = embedder;
  const dim = card.embedding_dim;
  const file: EmbeddingFile = {
    slideId: set.slideId,
    cropIds: [],
    x0: new Int32Array(set.cropCount),
    y0: new Int32Array(set.cropCount),
    tissueFraction: new Float32Array(set.cropCount),
    size0X: set.size0X,
    size0Y: set.size0Y,
    mpp: set.mpp,
    dim,
    embeddings: new Uint16Array(set.cropCount * dim),
  };
  const underWay = new Set<Promise<void>>();
  for await (const crops of readCrops(connection, store, set, batchCrops)) {
    signal.throwIfAborted();
    const start = file.cropIds.length;
    for (const [i, crop] of crops.entries()) {
      file.cropIds.push(cropId(set.cropSetId, crop.ix));
      file.x0[start + i] = crop.x0;
      file.y0[start + i] = crop.y0;
      file.tissueFraction[start + i] = crop.tissueFraction;
    }
    const request = {
      model: encoder,
      cropPx: card.crop_px,
      encoding: 'jpeg' as const,
      crops: crops.map((c) => c.jpeg),
    };
    const batch = engine.call('embed', request, { lane: 'batch', signal }).then(({ embeddings }) => {
      file.embeddings.set(toFloat16(embeddings), start * dim);
      onCrops(crops.length);
      underWay.delete(batch);
    });
    underWay.add(batch);
    // A refusal is met at the next race; until then it must not count as unhandled.
    batch.catch(() => undefined);
    if (underWay.size >= batchesAtOnce) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return file;
}
