import { demoOptions } from '@stroma/infra/demo/options';
import { summarise } from '@stroma/infra/demo/summary';
import { warningText } from '@stroma/infra/process/service-log';
import { expect, test } from 'vitest';

test.each([
  ['{"level":30,"msg":"request completed"}', undefined],
  ['{"level":40,"msg":"uploads not swept","err":{"message":"disk full"}}', 'uploads not swept: disk full'],
  ['2026-01-02 10:00:00.000 UTC [12] LOG:  checkpoint complete', undefined],
  ['2026-01-02 10:00:00.000 UTC [12] ERROR:  relation "x" does not exist', 'same'],
  ['2026-01-02T10:00:00Z launcher run 7 train_dino succeeded in 3.0 s', undefined],
  ['Error: listen EADDRINUSE', 'same'],
])('of the log line %s the terminal sees %s', (line, shown) => {
  expect(warningText(line)).toBe(shown === 'same' ? line : shown);
});

test('without arguments the demo generates its cohort', () => {
  expect(demoOptions([])).toEqual({ mpp: 0.5, preset: 'smoke', exit: false, seed: 7 });
});

test.each([
  [['--slides', '.'], '--labels'],
  [['--slides', '.', '--labels', './package.json'], '--mpp'],
  [['--slides', './nowhere', '--labels', '.', '--mpp', '1'], 'does not exist'],
  [['--preset', 'panda'], 'smoke or tiny'],
  [['--mpp', 'many'], '--mpp is a number'],
  [['--flags'], '--flags'],
])('the demo refuses %s', (args, reason) => {
  expect(() => demoOptions(args)).toThrow(reason);
});

test('the summary takes losses, metrics and the largest parity from the runs', () => {
  const common = { jobId: 1, slideId: null, status: 'succeeded', progress: null, error: null, inputs: [], attempt: 1 };
  const time = {
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: '2026-01-01T00:00:00Z',
    endedAt: '2026-01-01T00:00:09Z',
  };
  const run = (stage: string, encoder: string | null, result: object) =>
    ({ ...common, ...time, id: 1, stage, encoder, result }) as never;
  const metrics = { balanced_accuracy: 0.8, macro_f1: 0.7, macro_auc: 0.9, kappa: 0.6, ci: { macro_auc: [0.8, 1] } };
  const summary = summarise({
    slides: 4,
    job: {
      id: 1,
      cohortId: 1,
      cohortName: 'c',
      preset: 'smoke',
      mpp: 0.5,
      sizePx: 256,
      stridePx: 256,
      cropSelection: { minTissueFraction: 0.5 },
      seed: 7,
      baseJobId: null,
      overrides: {},
      status: 'succeeded',
      createdAt: '',
      endedAt: '',
      tiling: { total: 4, done: 4, failed: 0, crops: 90, shards: 4 },
      runs: [
        run('train_dino', null, { losses: { loss: [5, 4] }, parity: { encoder: 1e-6 } }),
        run('train_gen_dino', null, { losses: { loss: [5, 3], dino: [5, 4] }, parity: { encoder: 3e-6 } }),
        run('train_abmil', 'gen_dino', { metrics, parity: { 'abmil-fold-0': 1e-7, 'abmil-fold-1': 2e-7 } }),
      ],
    },
    exports: [],
    peak: { megabytes: 900, program: 'stroma_trainer train_dino' },
    seconds: { job: 27, total: 60 },
  });
  expect(summary).toMatchObject({
    slides: 4,
    crops: 90,
    shards: 4,
    stages: [{ name: 'train_dino', seconds: 9, status: 'succeeded' }, {}, { name: 'train_abmil-gen_dino' }],
    losses: { dino: [5, 4], eldm: null, genDino: [5, 3] },
    metrics: {
      genDino: { balancedAccuracy: 0.8, macroF1: 0.7, macroAuc: 0.9, kappa: 0.6, ci: { macroAuc: [0.8, 1] } },
    },
    parity: { encoder: 3e-6, abmil: 2e-7, unet: null, decoder: null },
    peakRssMb: 900,
  });
});
