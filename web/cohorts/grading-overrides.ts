import type { AbmilSettings } from '@stroma/core/contract/abmil-settings';
import type { JobRequest } from '@stroma/core/http/job';

/** As the form has it; null: the preset's own. */
export interface Grading {
  attention: 'gated' | 'ungated' | null;
  projection: number | null;
  models: number | null;
  embedding: '8-bit' | '32-bit' | null;
}
export const presetsGrading: Grading = { attention: null, projection: null, models: null, embedding: null };

/** The settings of ABMIL and of the encoders that a job asks for, only those that were chosen. */
export function gradingOverrides({ attention, projection, models, embedding }: Grading): Pick<JobRequest, 'overrides'> {
  const chosen: Partial<AbmilSettings> = {
    ...(attention === null ? {} : { gated: attention === 'gated' }),
    ...(projection === null ? {} : { proj_dim: projection }),
    ...(models === null ? {} : { seeds: models }),
  };
  const encoder = { encoder_int8: embedding === '8-bit' };
  const overrides = {
    ...(Object.keys(chosen).length > 0 && { train_abmil: chosen }),
    ...(embedding !== null && { train_dino: encoder, train_gen_dino: encoder }),
  };
  return Object.keys(overrides).length > 0 ? { overrides } : {};
}
