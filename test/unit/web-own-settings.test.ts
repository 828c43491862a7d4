import { expect, it } from 'vitest';
import { ownSettings } from '../../web/jobs/own-settings.ts';

const overrides = { train_abmil: { gated: true, proj_dim: 256 }, train_dino: { alphas: [0.5] }, train_eldm: {} };
const lines = (runs: Parameters<typeof ownSettings>[1]) =>
  ownSettings(overrides, runs).map(({ stage, name, value, preset }) => `${stage} ${name}: ${value}, not ${preset}`);

it('tells what a job does otherwise than its preset, by stage, before anything has begun', () => {
  expect(lines([])).toEqual([
    'DINO alphas: [0.5], not undefined',
    'ABMIL folds gated: true, not undefined',
    'ABMIL folds proj_dim: 256, not undefined',
  ]);
  expect(ownSettings({}, [])).toEqual([]);
});

it('tells the preset’s own value once a run of the stage has told it', () => {
  const runs = [
    { stage: 'train_abmil', replaced: {} },
    { stage: 'train_abmil', replaced: { gated: false, proj_dim: 0 } },
    { stage: 'train_eldm', replaced: { alphas: [0.1] } },
  ];
  expect(lines(runs)).toEqual([
    'DINO alphas: [0.5], not undefined',
    'ABMIL folds gated: true, not false',
    'ABMIL folds proj_dim: 256, not 0',
  ]);
});
