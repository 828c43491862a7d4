import { guide } from '@stroma/core/diffusion/ddim';
import { noise } from '@stroma/core/diffusion/noise';
import { type Sampler, samplers, startSampling } from '@stroma/core/diffusion/sampling';
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { pythonWith } from '../integration/inference-python.ts';
import { recompute } from './inference-recompute.ts';

const python = pythonWith(['torch', 'diffusers']) ?? '';
if (!python) console.log('skipped: no Python with the trainer’s packages (STROMA_PYTHON)');

const published = { trainTimesteps: 1000, betaStart: 0.0015, betaEnd: 0.0195 };
const short = { trainTimesteps: 200, betaStart: 0.0001, betaEnd: 0.02 };
const start = noise(11n, 24);
const embedding = [0.2, -0.5, 0.9];
const guidance = 1.75;

/** inference_recompute.py has the same. */
function eps(latent: Float32Array, timestep: number, condition: readonly number[]): Float32Array {
  const drift = condition.reduce((sum, x) => sum + x, 0) / condition.length;
  return latent.map((x) => Math.tanh(x * (0.5 + timestep / 1000)) + 0.3 * drift);
}

function draw(sampler: Sampler, schedule: typeof published, steps: number) {
  const way = startSampling(sampler, schedule, steps);
  let latent = start;
  for (const timestep of way.timesteps) {
    const without = eps(latent, timestep, [0, 0, 0]);
    latent = way.update(latent, guide(without, eps(latent, timestep, embedding), guidance));
  }
  return { timesteps: way.timesteps, latent };
}

describe.skipIf(!python)('samplers beside torch’s', { timeout: 120_000 }, () => {
  const cases = samplers.flatMap((sampler) => [
    ...[2, 4, 8, 10, 15, 20, 50].map((steps) => ({ sampler, schedule: published, steps })),
    { sampler, schedule: short, steps: 9 },
  ]);

  it('ask at the same timesteps and give the same latents to 1e-3', async () => {
    const spec = cases.map((one) => ({ ...one, guidance, start: [...start], embedding }));
    type Answer = { sampling: { timesteps: number[]; latent: number[] }[] };
    const { sampling } = await recompute<Answer>(python, { sampling: spec });
    expect(sampling).toHaveLength(cases.length);
    for (const [i, { sampler, schedule, steps }] of cases.entries()) {
      const name = `${sampler}, ${steps} steps of ${schedule.trainTimesteps}`;
      const found = draw(sampler, schedule, steps);
      expect(found.timesteps, name).toEqual(sampling[i]?.timesteps);
      expect(largestDifference(found.latent, sampling[i]?.latent ?? []), name).toBeLessThan(1e-3);
    }
  });
});
