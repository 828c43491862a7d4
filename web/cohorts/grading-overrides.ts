import type { AbmilSettings } from '@stroma/core/contract/abmil-settings';
import type { JobRequest } from '@stroma/core/http/job';

/** As the form has it; null: the preset's own. */
export interface Grading {
  attention: 'gated' | 'ungated' | null;
  projection: number | null;
  models: number | null;
}
export const presetsGrading: Grading = { attention: null, projection: null, models: null };

/** The settings of ABMIL that a job asks for, only those that were chosen. */
export function gradingOverrides({ attention, projection, models }: Grading): Pick<JobRequest, 'overrides'> {
  const chosen: Partial<AbmilSettings> = {
    ...(attention === null ? {} : { gated: attention === 'gated' }),
    ...(projection === null ? {} : { proj_dim: projection }),
    ...(models === null ? {} : { seeds: models }),
  };
  return Object.keys(chosen).length > 0 ? { overrides: { train_abmil: chosen } } : {};
}
