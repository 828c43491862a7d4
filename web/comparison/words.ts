import type { GradeMetric } from '@stroma/core/contract/grade-evaluation';
import type { DifferenceMessage, EncoderState } from '@stroma/core/http/comparison';

/** What the paper's Table 9 has, then what it leaves out. */
export const metricWords: [GradeMetric, string][] = [
  ['accuracy', 'Accuracy'],
  ['balanced_accuracy', 'Balanced accuracy'],
  ['macro_f1', 'F1, macro'],
  ['macro_auc', 'AUC, one class against the rest, macro'],
  ['kappa', 'Kappa, quadratic'],
];

/** 0.04, −0.02 */
export function two(value: number): string {
  const size = (Math.round(Math.abs(value) * 100) / 100).toFixed(2);
  return value < 0 && size !== '0.00' ? `−${size}` : size;
}

/** An interval that holds 0 is one that chance alone would give. */
export function differenceWords({ value, low, high }: DifferenceMessage): string {
  const size = two(Math.abs(value));
  const better = size === '0.00' ? 'No difference' : `${value > 0 ? 'Gen-DINO' : 'DINO'} ${size} better`;
  return `${better}, interval ${bound(low)} to ${bound(high)}: ${isMoreThanChance({ low, high }) ? 'more' : 'not more'} than chance`;
}

export const isMoreThanChance = ({ low, high }: Pick<DifferenceMessage, 'low' | 'high'>) => low > 0 || high < 0;

/** On which side of 0 an end lies is what it is read for. */
const bound = (value: number) =>
  Math.abs(value) < 0.005 && value !== 0 ? value.toPrecision(1).replace('-', '−') : two(value);

export const pWord = (p: number) => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`);

export const stateWords: Record<EncoderState['state'], string> = {
  ready: 'is graded',
  outdated: 'was graded before probabilities were calibrated: train its ABMIL folds in a new job to compare',
  absent: 'has no ABMIL stage in this job',
  queued: 'waits for its ABMIL folds',
  running: 'is training its ABMIL folds',
  succeeded: 'is graded',
  failed: 'has no grades: its ABMIL folds failed; the job’s page says why',
  cancelled: 'has no grades: its ABMIL folds were stopped',
};
