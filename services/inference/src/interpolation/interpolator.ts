import { createHash } from 'node:crypto';
import { noise, noiseKey } from '@stroma/core/diffusion/noise';
import { cosineSimilarity, interpolateEmbedding } from '@stroma/core/diffusion/slerp';
import { StromaError } from '@stroma/core/errors';
import type { InterpolationAnswer, InterpolationRequest } from '@stroma/core/http/interpolation';
import type { Database } from '@stroma/db/client';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Engine } from '../engine/engine.ts';
import type { Models } from '../models.ts';
import { CropEmbeddings } from './crop-embeddings.ts';
import { Lru } from './lru.ts';
import { resized, syntheticPng } from './picture.ts';
import { walkModels } from './walk-models.ts';

export interface InterpolatorOptions {
  db: Database;
  store: ObjectStore;
  engine: Engine;
  models: Models;
  codeRevision: string;
}

/** Draws tissue between two crops by a job's E-LDM (paper §4.1). */
export class Interpolator {
  readonly #options: InterpolatorOptions;
  readonly #embeddings: CropEmbeddings;
  // PNGs of 256 px have about 150 kB: 40 MB at most.
  readonly #drawn = new Lru<InterpolationAnswer>(256);

  constructor(options: InterpolatorOptions) {
    this.#options = options;
    this.#embeddings = new CropEmbeddings(options.db, options.store, options.engine);
  }

  async draw(jobId: number, request: InterpolationRequest, signal?: AbortSignal): Promise<InterpolationAnswer> {
    const startedAt = performance.now();
    const { db, models, engine, codeRevision } = this.#options;
    const { seed, encoder, encoderCard, unet, decoder, eldmCard } = await walkModels(db, models, jobId);
    const { primaryCropId, secondaryCropId, alphaPrimary, replica = 0 } = request;
    const steps = request.steps ?? eldmCard.ddim_steps;
    requireSteps(steps, eldmCard.train_timesteps);
    const key = [unet.sha256, primaryCropId, secondaryCropId, alphaPrimary, replica, steps, seed].join('|');
    const drawn = this.#drawn.get(key);
    if (drawn) return { ...drawn, seconds: seconds(startedAt) };

    const primary = await this.#embeddings.of(primaryCropId, encoder, encoderCard, signal);
    const secondary = await this.#embeddings.of(secondaryCropId, encoder, encoderCard, signal);
    // One noise for every alpha, so that a walk changes by its embedding alone.
    const noiseName = noiseKey({ seed, cropId: primaryCropId, kind: 'walk', alpha: '0', replica });
    const length = eldmCard.latent_shape.reduce((product, side) => product * side, 1);
    const picture = await engine.call(
      'sample',
      {
        unet,
        decoder,
        embedding: interpolateEmbedding(primary, secondary, alphaPrimary),
        noise: noise(seedOf(noiseName), length),
        latentShape: eldmCard.latent_shape,
        schedule: {
          trainTimesteps: eldmCard.train_timesteps,
          betaStart: eldmCard.beta_start,
          betaEnd: eldmCard.beta_end,
        },
        steps,
        guidanceScale: eldmCard.guidance_scale,
      },
      { lane: 'interactive', signal },
    );
    const crops = [await resized(picture, encoderCard.crop_px)];
    const own = await engine.call(
      'embed',
      { model: encoder, cropPx: encoderCard.crop_px, encoding: 'rgb', crops },
      { lane: 'interactive', signal },
    );
    const png = await syntheticPng(picture, {
      generator: 'E-LDM',
      job: jobId,
      primary_crop: primaryCropId,
      secondary_crop: secondaryCropId,
      alpha_primary: alphaPrimary,
      replica,
      steps,
      guidance_scale: eldmCard.guidance_scale,
      seed,
      noise_key: noiseName,
      unet_sha256: unet.sha256,
      decoder_sha256: decoder.sha256,
      encoder_sha256: encoder.sha256,
      code_revision: codeRevision,
    });
    const answer: InterpolationAnswer = {
      alphaPrimary,
      steps,
      seconds: seconds(startedAt),
      synthetic: true,
      similarityPrimary: cosineSimilarity(own.embeddings, primary),
      similaritySecondary: cosineSimilarity(own.embeddings, secondary),
      png: png.toString('base64'),
    };
    this.#drawn.set(key, answer);
    return answer;
  }
}

/** First 8 bytes of the key's SHA-256, big-endian (services/README.md, “Noise”). */
export function seedOf(key: string): bigint {
  return createHash('sha256').update(key, 'utf8').digest().readBigUInt64BE(0);
}

const seconds = (startedAt: number) => (performance.now() - startedAt) / 1000;

function requireSteps(steps: number, limit: number): void {
  if (steps <= limit) return;
  throw new StromaError({
    code: 'interpolation.steps',
    message: 'More sampling steps were asked for than the E-LDM was trained with.',
    expected: `at most ${limit}`,
    found: String(steps),
  });
}
