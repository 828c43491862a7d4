import { expect, it } from 'vitest';
import { gradingOverrides, presetsGrading } from '../../web/cohorts/grading-overrides.ts';

it('asks for nothing where the preset’s own is kept, and for no more than what was chosen', () => {
  expect(gradingOverrides(presetsGrading)).toEqual({});
  expect(gradingOverrides({ ...presetsGrading, projection: 0 })).toEqual({
    overrides: { train_abmil: { proj_dim: 0 } },
  });
  expect(gradingOverrides({ ...presetsGrading, attention: 'ungated', models: 3 })).toEqual({
    overrides: { train_abmil: { gated: false, seeds: 3 } },
  });
  const encoder = { encoder_int8: true };
  expect(gradingOverrides({ ...presetsGrading, embedding: '8-bit' })).toEqual({
    overrides: { train_dino: encoder, train_gen_dino: encoder },
  });
});
