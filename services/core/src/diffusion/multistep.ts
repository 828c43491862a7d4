/**
 * DPM-Solver++ (2M; Lu et al. 2022) and UniPC (order 2, B₂(h) = eʰ − 1; Zhao et al. 2023) with the coefficients of the
 * trainer's `sampler.py`. Both predict the clean latent, and use the prediction before it; the first and the last step
 * are of order 1. λ is the logarithm of signal to noise.
 */
import type { NoiseSchedule } from './ddim.ts';
import { type NoiseLevels, noiseLevels } from './noise-levels.ts';
import type { Sampling } from './sampling.ts';

interface Level {
  signal: number;
  noise: number;
  lambda: number;
}

export function dpmSolver(schedule: NoiseSchedule, count: number): Sampling {
  const { timesteps, sigmas } = noiseLevels(schedule, count);
  const levels = sigmas.map(levelOf);
  let before: Float32Array | undefined;
  let at = 0;
  return {
    timesteps,
    update(latent, eps) {
      const [from, to] = [levelAt(levels, at), levelAt(levels, at + 1)];
      const clean = cleanOf(latent, eps, from);
      const earlier = at === count - 1 ? undefined : before;
      const h = to.lambda - from.lambda;
      const step = Math.expm1(-h);
      const slope = earlier ? (0.5 * h) / (from.lambda - levelAt(levels, at - 1).lambda) : 0;
      const next = latent.map((x, i) => {
        const m = clean[i] ?? 0;
        const change = earlier ? slope * (m - (earlier[i] ?? 0)) : 0;
        return (to.noise / from.noise) * x - to.signal * step * (m + change);
      });
      before = clean;
      at += 1;
      return next;
    },
  };
}

export function uniPc(schedule: NoiseSchedule, count: number): Sampling {
  const { timesteps, sigmas }: NoiseLevels = noiseLevels(schedule, count);
  const levels = sigmas.map(levelOf);
  /** Clean latents predicted so far, the newest last; the corrected latent that the last step started from. */
  let predicted: Float32Array[] = [];
  let start: Float32Array | undefined;
  let at = 0;
  return {
    timesteps,
    update(latent, eps) {
      const clean = cleanOf(latent, eps, levelAt(levels, at));
      const corrected = start ? correct(levels, at, start, clean, predicted) : latent;
      predicted = [...predicted.slice(-1), clean];
      start = corrected;
      const next = predict(levels, at, corrected, at === count - 1 ? [clean] : predicted);
      at += 1;
      return next;
    },
  };
}

/** UniP: from level `at` to the next. */
function predict(levels: Level[], at: number, latent: Float32Array, predicted: Float32Array[]): Float32Array {
  const [from, to] = [levelAt(levels, at), levelAt(levels, at + 1)];
  const [newest, earlier] = [predicted.at(-1), predicted.at(-2)];
  const h = to.lambda - from.lambda;
  const step = Math.expm1(-h);
  const r = earlier ? (levelAt(levels, at - 1).lambda - from.lambda) / h : 1;
  return latent.map((x, i) => {
    const m = newest?.[i] ?? 0;
    const change = earlier ? (0.5 * ((earlier[i] ?? 0) - m)) / r : 0;
    return (to.noise / from.noise) * x - to.signal * step * (m + change);
  });
}

/** UniC: the step that led to level `at` again, with what was predicted there. */
function correct(
  levels: Level[],
  at: number,
  start: Float32Array,
  clean: Float32Array,
  predicted: Float32Array[],
): Float32Array {
  const [from, to] = [levelAt(levels, at - 1), levelAt(levels, at)];
  const [newest, earlier] = [predicted.at(-1), predicted.at(-2)];
  const h = to.lambda - from.lambda;
  const step = Math.expm1(-h);
  const r = earlier ? (levelAt(levels, at - 2).lambda - from.lambda) / h : 1;
  const { there, back } = earlier ? secondOrder(h, step, r) : { there: 0.5, back: 0 };
  return start.map((x, i) => {
    const m = newest?.[i] ?? 0;
    const change = there * ((clean[i] ?? 0) - m) + (earlier ? (back * ((earlier[i] ?? 0) - m)) / r : 0);
    return (to.noise / from.noise) * x - to.signal * step * (m + change);
  });
}

/** Weights of the two differences: they solve [1 1; r 1]·(back, there) = (φ₂, 2·φ₃) / B(h). */
function secondOrder(h: number, step: number, r: number): { there: number; back: number } {
  const second = step / -h - 1;
  const third = second / -h - 1 / 2;
  const [sum, weighted] = [second / step, (2 * third) / step];
  const back = (sum - weighted) / (1 - r);
  return { back, there: sum - back };
}

const cleanOf = (latent: Float32Array, eps: Float32Array, { signal, noise }: Level) =>
  latent.map((x, i) => (x - noise * (eps[i] ?? 0)) / signal);

function levelOf(sigma: number): Level {
  const signal = 1 / Math.sqrt(sigma * sigma + 1);
  return { signal, noise: sigma * signal, lambda: -Math.log(sigma) };
}

function levelAt(levels: Level[], at: number): Level {
  const level = levels[at];
  if (!level) throw new RangeError(`there is no noise level ${at} of ${levels.length}`);
  return level;
}
