import type { SlideGrading, SpreadGrade } from '@stroma/core/http/grading';
import { calibrated } from '@stroma/core/statistics/calibrated';
import type { SlideGradingRow } from '@stroma/db/gradings';
import { modelSpread } from './model-spread.ts';

export function gradingMessage(row: SlideGradingRow): SlideGrading {
  const { modelRunId, jobId, cohortName, encoder, status, error, retryRunId } = row;
  return { modelRunId, jobId, cohortName, encoder, status, error, retryRunId, grade: gradeOf(row) };
}

function gradeOf(row: SlideGradingRow): SpreadGrade | null {
  const { predictionId, classes, folds, probabilities, modelProbabilities, calibration, stale } = row;
  if (predictionId === null || !probabilities || !folds) return null;
  return {
    predictionId,
    classes,
    probabilities,
    ...modelSpread(modelProbabilities ?? probabilities, classes.length),
    folds,
    abstains: calibration && abstains(probabilities, calibration),
    stale,
  };
}

/** The top probability at the training's temperature is below its band; without a band no grade is certain enough. */
export function abstains(
  probabilities: readonly number[],
  { temperature, abstain_below }: { temperature: number; abstain_below: number | null },
): boolean {
  return Math.max(...calibrated(probabilities, temperature)) < (abstain_below ?? Number.POSITIVE_INFINITY);
}
