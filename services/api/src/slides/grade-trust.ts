import type { GradeTrust } from '@stroma/core/http/slide';
import { calibrated } from '@stroma/core/statistics/calibrated';
import type { FittedCalibration } from '@stroma/db/prediction-list';

interface Graded {
  probabilities: number[];
  folds: number[];
  heldOut: boolean;
}

/**
 * A held-out slide of the cohort is read by what was fitted on the other folds; any other slide by what was fitted on all.
 * Null where the models were trained before that was computed.
 */
export function gradeTrust({ probabilities, folds, heldOut }: Graded, found: FittedCalibration): GradeTrust | null {
  if (!found) return null;
  const [fold, ...others] = folds;
  const own = heldOut && others.length === 0 ? found.by_fold.find((one) => one.fold === fold) : undefined;
  const { temperature, abstain_below: abstainBelow, slides } = own ?? found.all;
  const read = calibrated(probabilities, temperature);
  return {
    probabilities: read,
    temperature,
    abstainBelow,
    abstains: abstainBelow === null || Math.max(...read) < abstainBelow,
    targetAccuracy: found.abstain.target_accuracy,
    slides,
  };
}
