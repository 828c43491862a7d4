import { parseCropId } from '@stroma/core/contract/manifest';
import type { EncoderCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import type { Database } from '@stroma/db/client';
import { findCrop } from '@stroma/db/cohort-crops';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Engine } from '../engine/engine.ts';
import type { ModelFile } from '../engine/protocol.ts';
import { Lru } from '../lru.ts';

/** Embeddings of single crops from their stored JPEGs, remembered. */
export class CropEmbeddings {
  readonly #db: Database;
  readonly #store: ObjectStore;
  readonly #engine: Engine;
  // 384 float32 each: 6 MB at most.
  readonly #known = new Lru<Float32Array>(4_000);

  constructor(db: Database, store: ObjectStore, engine: Engine) {
    this.#db = db;
    this.#store = store;
    this.#engine = engine;
  }

  async of(id: string, encoder: ModelFile, card: EncoderCard, signal: AbortSignal | undefined): Promise<Float32Array> {
    const key = `${encoder.sha256}/${id}`;
    const known = this.#known.get(key);
    if (known) return known;
    const name = parseCropId(id);
    const crop = name && (await findCrop(this.#db, name.cropSetId, name.ix));
    if (!crop) throw new StromaError({ code: 'crop.unknown', message: `There is no crop ${id}.` }, 404);
    if (Math.abs(crop.mpp - card.mpp) > 1e-9) {
      throw new StromaError({
        code: 'crop.other_resolution',
        message: 'The crop was cut at another resolution than the job’s.',
        expected: `${card.mpp} µm/px`,
        found: `${crop.mpp} µm/px`,
        where: `crop ${id}`,
        remedy: 'Choose a crop of the job’s cohort.',
      });
    }
    const jpeg = await this.#store.range(crop.objectKey, crop.byteOffset, crop.byteLength);
    const request = { model: encoder, cropPx: card.crop_px, encoding: 'jpeg' as const, crops: [jpeg] };
    const { embeddings } = await this.#engine.call('embed', request, { lane: 'interactive', signal });
    this.#known.set(key, embeddings);
    return embeddings;
  }
}
