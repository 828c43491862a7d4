import { EncoderCard } from '@stroma/core/contract/model-card';
import type { InterpolationAnswer } from '@stroma/core/http/interpolation';
import { calibratedAs } from '@stroma/core/statistics/fitted-for';
import type { Database } from '@stroma/db/client';
import { checkpointById, slideWalkPredictions, type WalkPrediction } from '@stroma/db/walk-predictions';
import type { ObjectStore } from '@stroma/storage/object-store';
import { cardOf } from '../card.ts';
import { toFloat16 } from '../embedding/float16.ts';
import type { Engine } from '../engine/engine.ts';
import type { PooledPart } from '../engine/protocol.ts';
import { Lru } from '../lru.ts';
import type { Models } from '../models.ts';
import { probabilitiesWith } from '../prediction/replace-one.ts';
import { type Picture, resized } from './picture.ts';
import { slideModels } from './slide-models.ts';

export interface Judged {
  jobId: number;
  slideId: string;
  /** The crop whose place the picture takes. */
  cropId: string;
  picture: Picture;
  /** The picture's embedding by the encoder that the E-LDM was trained with. */
  own: { encoderSha256: string; embedding: Float32Array };
}

/** What the models that graded a slide make of it with one crop replaced by a picture. */
export class SlideGrades {
  readonly #db: Database;
  readonly #store: ObjectStore;
  readonly #engine: Engine;
  readonly #models: Models;
  // Some numbers each: the bag is read once for a walk.
  readonly #rests = new Lru<PooledPart[] | null>(1_000);

  constructor(options: { db: Database; store: ObjectStore; engine: Engine; models: Models }) {
    this.#db = options.db;
    this.#store = options.store;
    this.#engine = options.engine;
    this.#models = options.models;
  }

  /** One a prediction in whose bag the crop is: none for a slide that the job has not graded. */
  async of(judged: Judged, signal: AbortSignal | undefined): Promise<InterpolationAnswer['grades']> {
    const grades: InterpolationAnswer['grades'] = [];
    for (const prediction of await slideWalkPredictions(this.#db, judged.jobId, judged.slideId)) {
      const rest = await this.rest(prediction, judged.cropId, signal);
      if (!rest) continue;
      const embeddings = toFloat16(await this.#embedding(prediction, judged, signal));
      const models = await slideModels(this.#db, this.#models, prediction);
      const request = { models, embeddings, dim: prediction.dim };
      const [instance] = await this.#engine.call('instances', request, { lane: 'interactive', signal });
      if (!instance) continue;
      const probabilities = probabilitiesWith(rest, instance);
      const calibrated = calibratedAs(prediction, probabilities);
      grades.push({ encoder: prediction.encoder, probabilities, calibrated });
    }
    return grades;
  }

  /** The bag without the crop, for each model of the prediction; null when the crop is not in it. */
  async rest(
    prediction: WalkPrediction,
    cropId: string,
    signal: AbortSignal | undefined,
  ): Promise<PooledPart[] | null> {
    const key = `${prediction.id}/${cropId}`;
    const known = this.#rests.get(key);
    if (known !== undefined) return known;
    const models = await slideModels(this.#db, this.#models, prediction);
    const request = { models, embeddings: this.#store.localPath(prediction.objectKey), without: cropId };
    const rest = await this.#engine.call('rest', request, { lane: 'interactive', signal });
    this.#rests.set(key, rest);
    return rest;
  }

  async #embedding(prediction: WalkPrediction, { picture, own }: Judged, signal: AbortSignal | undefined) {
    const checkpoint = await checkpointById(this.#db, prediction.checkpointId);
    if (checkpoint.sha256 === own.encoderSha256) return own.embedding;
    const card = cardOf(EncoderCard, checkpoint);
    const cropPx = card.crop_px;
    const model = await this.#models.embedder(checkpoint, card);
    const crops = [await resized(picture, cropPx)];
    const request = { model, cropPx, encoding: 'rgb' as const, crops };
    return (await this.#engine.call('embed', request, { lane: 'interactive', signal })).embeddings;
  }
}
