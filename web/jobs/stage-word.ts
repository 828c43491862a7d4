import type { Stage } from '@stroma/core/http/job';

export const stageWord: Record<Stage, string> = {
  read_slide: 'Read slides',
  tile: 'Cut crops',
  train_dino: 'DINO',
  train_eldm: 'E-LDM',
  synthesize: 'Synthetic crops',
  train_gen_dino: 'Gen-DINO',
  train_abmil: 'ABMIL folds',
  evaluate: 'Evaluation',
  embed: 'Embeddings',
  predict: 'Predictions',
  grade_slide: 'Grading on arrival',
  export: 'Export',
};

export const encoderWord = { dino: 'DINO', gen_dino: 'Gen-DINO' } as const;
