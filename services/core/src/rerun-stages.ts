import type { Stage } from './http/job.ts';

/** Stages that a job can be begun from again; from its first one on it is a new job. */
export const rerunStages = [
  'train_eldm',
  'synthesize',
  'train_gen_dino',
  'embed',
  'train_abmil',
  'predict',
  'evaluate',
] as const satisfies readonly Stage[];
