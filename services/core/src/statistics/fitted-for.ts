import type { GradeCalibration } from '../contract/grade-evaluation.ts';
import { calibrated } from './calibrated.ts';

interface Graded {
  folds: readonly number[];
  heldOut: boolean;
}

type Fitted = Pick<GradeCalibration, 'all' | 'by_fold'>;

/** A held-out slide of the cohort is read by what was fitted on the other folds; any other slide by what was fitted on all. */
export function fittedFor({ folds, heldOut }: Graded, { all, by_fold }: Fitted): Fitted['all'] {
  const [fold, ...others] = folds;
  const own = heldOut && others.length === 0 ? by_fold.find((one) => one.fold === fold) : undefined;
  return own ?? all;
}

/** What the models that graded a slide say, read as its grade is; null where they were trained before that was fitted. */
export function calibratedAs(
  graded: Graded & { calibration: Fitted | null },
  probabilities: readonly number[],
): number[] | null {
  const { calibration } = graded;
  return calibration && calibrated(probabilities, fittedFor(graded, calibration).temperature);
}
