import { alphaBars, type NoiseSchedule } from './ddim.ts';

export interface NoiseLevels {
  timesteps: number[];
  /** Noise to signal at each timestep, sqrt((1−ā)/ā), and 0 at the end: one more than timesteps. */
  sigmas: number[];
}

/**
 * Levels of equal distance in the logarithm of noise to signal. Timesteps are whole numbers, cut off; so that they are
 * those of the trainer (`sampler.py`, by diffusers), the same numbers are single precision here as there.
 */
export function noiseLevels(schedule: NoiseSchedule, count: number): NoiseLevels {
  const trained = trainedSigmas(schedule);
  const logs = trained.map(Math.log);
  const first = Math.log(trained.at(-1) ?? 1);
  const last = Math.log(trained[0] ?? 1);
  const wanted = Array.from({ length: count }, (_, i) =>
    i > 0 && i === count - 1 ? last : first + (i * (last - first)) / Math.max(1, count - 1),
  );
  return {
    timesteps: wanted.map((log) => Math.trunc(timestepAt(Math.log(Math.exp(log)), logs))),
    sigmas: [...wanted.map((log) => Math.fround(Math.exp(log))), 0],
  };
}

function trainedSigmas(schedule: NoiseSchedule): Float32Array {
  const bars = alphaBars(schedule);
  let product = 1;
  return Float32Array.from(bars, (bar, t) => {
    const beta = Math.fround(1 - bar / (t === 0 ? 1 : (bars[t - 1] ?? 1)));
    product *= Math.fround(1 - beta);
    const kept = Math.fround(product);
    return Math.sqrt(Math.fround(Math.fround(1 - kept) / kept));
  });
}

/** The place of a level among those of training, as a fraction between two timesteps. */
function timestepAt(log: number, logs: Float32Array): number {
  let low = 0;
  while (low < logs.length - 2 && (logs[low + 1] ?? 0) <= log) low += 1;
  const from = logs[low] ?? 0;
  const share = (from - log) / Math.fround(from - (logs[low + 1] ?? 0));
  const within = Math.max(0, Math.min(1, share));
  return (1 - within) * low + within * (low + 1);
}
