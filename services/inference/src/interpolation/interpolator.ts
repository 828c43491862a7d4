import { createHash } from 'node:crypto';
import { parseCropId } from '@stroma/core/contract/manifest';
import { noise, noiseKey } from '@stroma/core/diffusion/noise';
import { cosineSimilarity, interpolateEmbedding } from '@stroma/core/diffusion/slerp';
import { StromaError } from '@stroma/core/errors';
import type { InterpolationAnswer, InterpolationRequest } from '@stroma/core/http/interpolation';
import type { Database } from '@stroma/db/client';
import { findCrop } from '@stroma/db/cohort-crops';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Engine } from '../engine/engine.ts';
import { Lru } from '../lru.ts';
import type { Models } from '../models.ts';
import type { CropSearch } from '../search/crop-search.ts';
import { CropEmbeddings } from './crop-embeddings.ts';
import { type Picture, resized, syntheticPng } from './picture.ts';
import { SlideGrades } from './slide-grades.ts';
import { type WalkModels, walkModels } from './walk-models.ts';

export interface InterpolatorOptions {
  db: Database;
  store: ObjectStore;
  engine: Engine;
  models: Models;
  search: CropSearch;
  codeRevision: string;
}

/** A picture between two crops, and everything that it was made of. */
export interface DrawnStep {
  picture: Picture;
  png: Buffer;
  made: Record<string, unknown>;
  /** By the encoder that conditions the E-LDM. */
  embedding: Float32Array;
  similarityPrimary: number;
  similaritySecondary: number;
}

type Judgement = Pick<InterpolationAnswer, 'grades' | 'nearest'>;

/** Draws tissue between two crops by a job's E-LDM (paper §4.1). */
export class Interpolator {
  readonly grades: SlideGrades;
  readonly #options: InterpolatorOptions;
  readonly #embeddings: CropEmbeddings;
  readonly #search: CropSearch;
  // A picture of 256 px takes 350 kB: 90 MB at most.
  readonly #drawn = new Lru<DrawnStep>(256);

  constructor(options: InterpolatorOptions) {
    this.#options = options;
    this.#embeddings = new CropEmbeddings(options.db, options.store, options.engine);
    this.#search = options.search;
    this.grades = new SlideGrades(options);
  }

  /** The job's models, opened, so that the first picture need not wait for them. */
  async open(jobId: number): Promise<WalkModels> {
    return await walkModels(this.#options.db, this.#options.models, jobId);
  }

  async draw(jobId: number, request: InterpolationRequest, signal?: AbortSignal): Promise<InterpolationAnswer> {
    const startedAt = performance.now();
    const models = await this.open(jobId);
    const { sampler = 'ddim', steps = models.eldmCard.ddim_steps, judge = true } = request;
    const step = await this.step(jobId, models, { ...request, sampler, steps }, signal);
    const judgement = judge ? await this.#judge(jobId, models, request.primaryCropId, step, signal) : undefined;
    return {
      alphaPrimary: request.alphaPrimary,
      sampler,
      steps,
      seconds: (performance.now() - startedAt) / 1000,
      synthetic: true,
      similarityPrimary: step.similarityPrimary,
      similaritySecondary: step.similaritySecondary,
      grades: judgement?.grades ?? [],
      nearest: judgement?.nearest ?? null,
      png: step.png.toString('base64'),
    };
  }

  /** The same request gives the same bytes, from memory if they are there. */
  async step(
    jobId: number,
    { seed, encoder, encoderCard, unet, decoder, eldmCard }: WalkModels,
    request: InterpolationRequest & Required<Pick<InterpolationRequest, 'sampler' | 'steps'>>,
    signal: AbortSignal | undefined,
  ): Promise<DrawnStep> {
    const { primaryCropId, secondaryCropId, alphaPrimary, replica = 0, sampler, steps } = request;
    requireSteps(steps, eldmCard.train_timesteps);
    const key = [unet.sha256, primaryCropId, secondaryCropId, alphaPrimary, replica, sampler, steps, seed].join('|');
    const drawn = this.#drawn.get(key);
    if (drawn) return drawn;

    const { engine, codeRevision } = this.#options;
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
        sampler,
        steps,
        guidanceScale: eldmCard.guidance_scale,
      },
      { lane: 'interactive', signal },
    );
    const made = {
      generator: 'E-LDM',
      job: jobId,
      primary_crop: primaryCropId,
      secondary_crop: secondaryCropId,
      alpha_primary: alphaPrimary,
      replica,
      sampler,
      steps,
      guidance_scale: eldmCard.guidance_scale,
      seed,
      noise_key: noiseName,
      unet_sha256: unet.sha256,
      decoder_sha256: decoder.sha256,
      encoder_sha256: encoder.encoderSha256,
      code_revision: codeRevision,
    };
    const crops = [await resized(picture, encoderCard.crop_px)];
    const [png, { embeddings: embedding }] = await Promise.all([
      syntheticPng(picture, made),
      engine.call(
        'embed',
        { model: encoder, cropPx: encoderCard.crop_px, encoding: 'rgb', crops },
        { lane: 'interactive', signal },
      ),
    ]);
    const step = {
      picture,
      png,
      made,
      embedding,
      similarityPrimary: cosineSimilarity(embedding, primary),
      similaritySecondary: cosineSimilarity(embedding, secondary),
    };
    this.#drawn.set(key, step);
    return step;
  }

  async #judge(
    jobId: number,
    { encoder }: WalkModels,
    cropId: string,
    { picture, embedding }: DrawnStep,
    signal: AbortSignal | undefined,
  ): Promise<Judgement> {
    const name = parseCropId(cropId);
    const crop = name && (await findCrop(this.#options.db, name.cropSetId, name.ix));
    const own = { encoderSha256: encoder.encoderSha256, embedding };
    // The grades are the engine process's work, the nearest crop is this one's.
    const [grades, nearest] = await Promise.all([
      crop ? this.grades.of({ jobId, slideId: crop.slideId, cropId, picture, own }, signal) : [],
      this.#nearest(jobId, embedding, signal),
    ]);
    return { grades, nearest };
  }

  async #nearest(jobId: number, vector: Float32Array, signal: AbortSignal | undefined): Promise<Judgement['nearest']> {
    try {
      const { crops, compared } = await this.#search.nearest({ jobId, encoder: 'dino', vector, count: 1, signal });
      const [crop] = crops;
      if (!crop) return null;
      const { label: _, ...place } = crop;
      return { ...place, among: compared };
    } catch (error) {
      // The E-LDM may be trained before the crops are embedded.
      if (error instanceof StromaError && error.problem.code === 'search.no_embeddings') return null;
      throw error;
    }
  }
}

/** First 8 bytes of the key's SHA-256, big-endian (services/README.md, “Noise”). */
export function seedOf(key: string): bigint {
  return createHash('sha256').update(key, 'utf8').digest().readBigUInt64BE(0);
}

function requireSteps(steps: number, limit: number): void {
  if (steps <= limit) return;
  throw new StromaError({
    code: 'interpolation.steps',
    message: 'More sampling steps were asked for than the E-LDM was trained with.',
    expected: `at most ${limit}`,
    found: String(steps),
  });
}
