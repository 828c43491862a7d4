import { readFileSync } from 'node:fs';
import path from 'node:path';
import { alphaBars, ddimSteps, ddimUpdate, guide } from '@stroma/core/diffusion/ddim';
import { noise, noiseKey } from '@stroma/core/diffusion/noise';
import { cosineSimilarity, interpolateEmbedding, slerp } from '@stroma/core/diffusion/slerp';
import { seedOf } from '@stroma/inference/interpolation/interpolator';
import { describe, expect, it } from 'vitest';

const x = Float32Array.of(1, 0);
const y = Float32Array.of(0, 1);

describe('slerp', () => {
  it('goes along the circle at an even speed', () => {
    const third = slerp(x, y, 1 / 3);
    expect(third[0]).toBeCloseTo(Math.cos(Math.PI / 6), 6);
    expect(third[1]).toBeCloseTo(Math.sin(Math.PI / 6), 6);
  });

  it('takes directions, not lengths', () => {
    const half = slerp(Float32Array.of(5, 0), Float32Array.of(0, 0.1), 0.5);
    expect([...half]).toEqual([expect.closeTo(Math.SQRT1_2, 6), expect.closeTo(Math.SQRT1_2, 6)]);
  });

  it('is a straight line between almost equal vectors', () => {
    const near = slerp(x, Float32Array.of(1, 1e-3), 0.5);
    expect(near[0]).toBeCloseTo(1, 5);
    expect(near[1]).toBeCloseTo(5e-4, 7);
  });

  it('refuses vectors of different lengths', () => {
    expect(() => slerp(x, Float32Array.of(1), 0.5)).toThrow(RangeError);
  });
});

describe('interpolateEmbedding', () => {
  it('is the primary at alpha 1 and the secondary at alpha 0', () => {
    expect(cosineSimilarity(interpolateEmbedding(x, y, 1), x)).toBeCloseTo(1, 6);
    expect(cosineSimilarity(interpolateEmbedding(x, y, 0), y)).toBeCloseTo(1, 6);
  });

  it('is nearer to the primary at alpha 0.8 than at 0.2', () => {
    expect(interpolateEmbedding(x, y, 0.8)[0]).toBeGreaterThan(interpolateEmbedding(x, y, 0.2)[0] ?? 1);
  });
});

describe('DDIM', () => {
  const schedule = { trainTimesteps: 1000, betaStart: 0.0015, betaEnd: 0.0195 };

  it('has betas that are linear in their square roots', () => {
    const bars = alphaBars(schedule);
    expect(bars[0]).toBeCloseTo(1 - 0.0015, 12);
    const root = Math.sqrt(0.0015) + (Math.sqrt(0.0195) - Math.sqrt(0.0015)) / 999;
    expect(bars[1]).toBeCloseTo((1 - 0.0015) * (1 - root * root), 12);
  });

  it('steps 981, 961, …, 1 for 50 of 1000 and ends at the first alpha', () => {
    const steps = ddimSteps(schedule, 50);
    expect(steps.map((step) => step.timestep).slice(0, 3)).toEqual([981, 961, 941]);
    expect(steps.at(-1)?.timestep).toBe(1);
    expect(steps.at(-1)?.previousAlphaBar).toBe(alphaBars(schedule)[0]);
    expect(steps[0]?.previousAlphaBar).toBe(steps[1]?.alphaBar);
  });

  it('finds the clean latent again when the noise is known', () => {
    const [clean, eps, alphaBar] = [0.7, -1.3, 0.36];
    const noisy = Float32Array.of(Math.sqrt(alphaBar) * clean + Math.sqrt(1 - alphaBar) * eps);
    const step = { timestep: 500, alphaBar, previousAlphaBar: 1 };
    expect(ddimUpdate(noisy, Float32Array.of(eps), step)[0]).toBeCloseTo(clean, 6);
  });

  it('guides away from the unconditional', () => {
    expect([...guide(Float32Array.of(1), Float32Array.of(3), 1.75)]).toEqual([4.5]);
    expect([...guide(Float32Array.of(1), Float32Array.of(3), 1)]).toEqual([3]);
  });
});

describe('noise', () => {
  it('is the trainer’s', () => {
    const file = path.join(import.meta.dirname, '../trainer/noise_vector.json');
    const { key, values } = JSON.parse(readFileSync(file, 'utf8')) as { key: string; values: number[] };
    const name = { seed: 1, cropId: '1:0', kind: 'interpolated', alpha: '0.2', replica: 0 } as const;
    expect(noiseKey(name)).toBe(key);
    const here = noise(seedOf(key), values.length);
    for (const [i, value] of values.entries()) expect(here[i]).toBeCloseTo(value, 6);
  });

  it('has mean 0 and variance 1, and an odd length', () => {
    const values = noise(seedOf('a'), 20_001);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(values).toHaveLength(20_001);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(variance).toBeCloseTo(1, 1);
  });
});
