import { describe, expect, it } from 'vitest';
import { runsFrom } from '../../web/jobs/runs-from.ts';
import { readSettingLines } from '../../web/jobs/setting-lines.ts';

describe('settings written a line each', () => {
  it('are numbers, truths, texts and lists; comments and empty lines say nothing', () => {
    const text =
      'epochs = 20\nlr=5e-4 # per 256 crops\n\n# a comment\ngated = true\nsampler = "uni#pc"\nalphas = [0.2, 0.8]\nx = -1.';
    expect(readSettingLines(text)).toEqual({
      settings: { epochs: 20, lr: 5e-4, gated: true, sampler: 'uni#pc', alphas: [0.2, 0.8], x: -1 },
      wrong: null,
    });
  });

  it('are refused by the first line that is none', () => {
    for (const wrong of ['gated', 'gated =', 'sampler = unipc', '2x = 1', 'alphas = [0.2,']) {
      expect(readSettingLines(`epochs = 2\n${wrong}\nseeds = 3`)).toEqual({ settings: { epochs: 2 }, wrong });
    }
  });
});

describe('a job begun again from a stage', () => {
  const run = (id: number, stage: string, ...inputs: number[]) => ({ id, stage, inputs }) as never;
  const runs = [
    run(1, 'train_dino'),
    run(2, 'embed', 1),
    run(3, 'train_abmil', 2),
    run(4, 'train_eldm', 1),
    run(5, 'predict', 2, 3),
  ];

  it('does the stage and what builds on it', () => {
    expect(runsFrom(runs, 'train_abmil').map(({ id }) => id)).toEqual([3, 5]);
    expect(runsFrom(runs, 'embed').map(({ id }) => id)).toEqual([2, 3, 5]);
    expect(runsFrom(runs, 'train_eldm').map(({ id }) => id)).toEqual([4]);
  });
});
