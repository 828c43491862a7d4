/**
 * A walk's first picture and its steps, through the service's own path (database, engine process, PNG), with the tiny
 * preset's networks: `npm run bench:walk -- [--json] [--preset tiny|smoke|panda]`.
 *
 * A step is drawn with the card's steps and judged: its embedding, the slide's grade with the crop replaced, the nearest
 * real crop. The limit is the U-Net's and the decoder's sessions alone, as often as a step runs them, in this process.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startSampling } from '@stroma/core/diffusion/sampling';
import { connect } from '@stroma/db/client';
import { migrate } from '@stroma/db/migrate';
import { latentOf } from '@stroma/inference/engine/sample';
import { sessionOf } from '@stroma/inference/engine/sessions';
import { Interpolator } from '@stroma/inference/interpolation/interpolator';
import type { WalkModels } from '@stroma/inference/interpolation/walk-models';
import { CropSearch } from '@stroma/inference/search/crop-search';
import { startPostgres } from '@stroma/infra/postgres';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';
import * as ort from 'onnxruntime-node';
import { startChain } from '../contract/inference-chain.ts';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { makeCohort } from '../integration/inference-cohort.ts';
import { installModels, samplings } from './walk-models.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, preset: { type: 'string', default: 'tiny' } },
});
const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
const data = path.join(folder, 'postgres');
await mkdir(data, { recursive: true });
const postgres = await startPostgres({ dataFolder: data, onLine: () => undefined });
const connection = connect(postgres.databaseUrl);
const { db } = connection;
try {
  await migrate(db);
  const python = await trainerPython('run');
  if (!python) throw new Error('the trainer’s environment is not set up: npm run setup');
  const cohort = await makeCohort({ db }, { slides: 8, crops: 12 });
  const chain = startChain({ connection, db }, cohort, python);
  try {
    const { jobId, store } = cohort;
    const { latents } = await installModels({ connection, cohort, python, preset: values.preset, folder });
    await chain.run({ stage: 'embed', jobId, encoder: 'dino' });
    await chain.run({ stage: 'predict', jobId, encoder: 'dino' });
    const { engine, models } = chain;
    const search = new CropSearch({ db, store });
    const interpolator = new Interpolator({ db, store, engine, models, search, codeRevision: 'bench' });
    const opening = performance.now();
    const opened = await interpolator.open(jobId);
    const openMs = performance.now() - opening;

    const [own, other] = [cohort.slides[0]?.cropSetId, cohort.slides[1]?.cropSetId];
    const pair = (i: number) => ({ primaryCropId: `${own}:${i}`, secondaryCropId: `${other}:${i}` });
    const coarse = { sampler: 'dpmpp', steps: 4, judge: false } as const;
    const firstMs: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      firstMs.push(await ms(() => interpolator.draw(jobId, { ...pair(i), ...coarse, alphaPrimary: 0.6 })));
    }
    await interpolator.draw(jobId, { ...pair(0), alphaPrimary: 1 });
    const stepMs: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      for (let alpha = 0; alpha <= 20; alpha += 1) {
        const request = { ...pair(i), alphaPrimary: alpha / 20, replica: 1 };
        stepMs.push(await ms(() => interpolator.draw(jobId, request)));
      }
    }
    const limitMs = await sessionsAlone(opened, 20);
    const differences: Record<string, number> = {};
    for (const [i, sampling] of samplings.entries()) {
      const latent = await latentOf(
        { ...requestOf(opened), ...sampling, ...shapesOf(opened, sampling) },
        async () => undefined,
      );
      differences[`${sampling.sampler} ${sampling.steps}`] = largestDifference(latent, latents[i] ?? []);
    }
    const report = {
      name: 'walk',
      figure: round(quantile(stepMs, 0.5)),
      unit: 'ms a step',
      limit: round(limitMs),
      ratioToLimit: round(limitMs / quantile(stepMs, 0.5)),
      detail: {
        preset: values.preset,
        cores: availableParallelism(),
        firstPictureMs: round(quantile(firstMs, 0.5)),
        firstPictureMostMs: round(Math.max(...firstMs)),
        stepP95Ms: round(quantile(stepMs, 0.95)),
        steps: stepMs.length,
        samplingSteps: opened.eldmCard.ddim_steps,
        openModelsMs: round(openMs),
        latentDifference: differences,
        limitIs: 'U-Net (batch of 2) and decoder sessions alone, as often as a step runs them; median',
        figureIs: 'a judged step at a new alpha, ddim; firstPictureMs: a new pair, coarse, models open; medians',
      },
    };
    if (!values.json) console.log(`first picture ${report.detail.firstPictureMs} ms, a step ${report.figure} ms`);
    console.log(JSON.stringify(report));
  } finally {
    await chain.close();
    await cohort.remove();
  }
} finally {
  await connection.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

function requestOf({ unet, decoder, eldmCard }: WalkModels) {
  return {
    unet,
    decoder,
    latentShape: eldmCard.latent_shape,
    schedule: {
      trainTimesteps: eldmCard.train_timesteps,
      betaStart: eldmCard.beta_start,
      betaEnd: eldmCard.beta_end,
    },
    guidanceScale: eldmCard.guidance_scale,
  };
}

/** Noise and embedding are drawn longer than any preset needs. */
function shapesOf({ eldmCard }: WalkModels, { noise, embedding }: { noise: Float32Array; embedding: Float32Array }) {
  const size = eldmCard.latent_shape.reduce((product, side) => product * side, 1);
  return { noise: noise.subarray(0, size), embedding: embedding.subarray(0, eldmCard.embedding_dim) };
}

async function sessionsAlone(opened: WalkModels, rounds: number): Promise<number> {
  const { unet, decoder, latentShape, schedule } = requestOf(opened);
  const [network, last] = [await sessionOf(unet), await sessionOf(decoder)];
  const size = latentShape.reduce((product, side) => product * side, 1);
  const dim = opened.eldmCard.embedding_dim;
  const feeds = {
    latent: new ort.Tensor('float32', new Float32Array(2 * size).fill(0.1), [2, ...latentShape]),
    timestep: new ort.Tensor('int64', new BigInt64Array(2).fill(500n), [2]),
    embedding: new ort.Tensor('float32', new Float32Array(2 * dim).fill(0.1), [2, dim]),
  };
  const latent = new ort.Tensor('float32', new Float32Array(size), [1, ...latentShape]);
  const { timesteps } = startSampling('ddim', schedule, opened.eldmCard.ddim_steps);
  const each: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    each.push(
      await ms(async () => {
        for (const _ of timesteps) await network.run(feeds, ['eps']);
        await last.run({ latent }, ['image']);
      }),
    );
  }
  return quantile(each, 0.5);
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
