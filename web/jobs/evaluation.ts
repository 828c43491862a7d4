import type { RunMessage } from '@stroma/core/http/job';

export const measures = [
  ['macro_auc', 'AUC, macro'],
  ['balanced_accuracy', 'Balanced accuracy'],
  ['accuracy', 'Accuracy'],
  ['macro_f1', 'F1, macro'],
  ['kappa', 'Kappa, quadratic'],
] as const;
export type Measure = (typeof measures)[number][0];

export interface Evaluation {
  values: Partial<Record<Measure, { value: number; low: number | null; high: number | null }>>;
  slides: number | null;
  folds: number | null;
}

/** The trainer's held-out metrics of one encoder's ABMIL folds; undefined until that stage is done. */
export function evaluationOf(runs: RunMessage[], encoder: 'dino' | 'gen_dino'): Evaluation | undefined {
  const run = runs.find((one) => one.stage === 'train_abmil' && one.encoder === encoder && one.status === 'succeeded');
  const metrics = run?.result?.metrics;
  if (!isRecord(metrics)) return undefined;
  const intervals = isRecord(metrics.ci) ? metrics.ci : {};
  const values: Evaluation['values'] = {};
  for (const [measure] of measures) {
    const value = metrics[measure];
    if (typeof value !== 'number') continue;
    const interval = intervals[measure];
    const [low, high] = Array.isArray(interval) ? interval : [];
    values[measure] = { value, low: numberOrNull(low), high: numberOrNull(high) };
  }
  return { values, slides: numberOrNull(metrics.n_slides), folds: numberOrNull(metrics.n_folds) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null);
