import { ddimSteps, ddimUpdate, type NoiseSchedule } from './ddim.ts';
import { dpmSolver, uniPc } from './multistep.ts';

/** ddim is the paper's; the two others need fewer steps for the same picture. All are deterministic. */
export const samplers = ['ddim', 'dpmpp', 'unipc'] as const;
export type Sampler = (typeof samplers)[number];

/** One way from noise to a latent. */
export interface Sampling {
  /** When the denoiser is asked, noisiest first. */
  timesteps: readonly number[];
  /** From the latent at the next of the timesteps and its guided eps to the latent after it; called once a timestep. */
  update(latent: Float32Array, eps: Float32Array): Float32Array;
}

export function startSampling(sampler: Sampler, schedule: NoiseSchedule, count: number): Sampling {
  if (sampler === 'dpmpp') return dpmSolver(schedule, count);
  if (sampler === 'unipc') return uniPc(schedule, count);
  const steps = ddimSteps(schedule, count);
  let at = 0;
  return {
    timesteps: steps.map((step) => step.timestep),
    update(latent, eps) {
      const step = steps[at];
      at += 1;
      if (!step) throw new RangeError(`${count} steps were taken already`);
      return ddimUpdate(latent, eps, step);
    },
  };
}
