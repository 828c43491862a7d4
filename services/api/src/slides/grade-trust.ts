import type { GradeTrust } from '@stroma/core/http/slide';
import { calibrated } from '@stroma/core/statistics/calibrated';
import { fittedFor } from '@stroma/core/statistics/fitted-for';
import type { FittedCalibration } from '@stroma/db/fitted-calibration';

interface Graded {
  probabilities: number[];
  folds: number[];
  heldOut: boolean;
}

/** Null where the models were trained before that was computed. */
export function gradeTrust(graded: Graded, found: FittedCalibration): GradeTrust | null {
  if (!found) return null;
  const { temperature, abstain_below: abstainBelow, slides } = fittedFor(graded, found);
  const read = calibrated(graded.probabilities, temperature);
  return {
    probabilities: read,
    temperature,
    abstainBelow,
    abstains: abstainBelow === null || Math.max(...read) < abstainBelow,
    targetAccuracy: found.abstain.target_accuracy,
    slides,
  };
}
