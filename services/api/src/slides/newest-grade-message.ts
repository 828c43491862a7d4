import type { NewestGrade } from '@stroma/core/http/slide';
import type { NewestGradeRow } from '@stroma/db/slide-standing';
import { gradeTrust } from './grade-trust.ts';

export function newestGradeMessage(row: NewestGradeRow): NewestGrade {
  const { predictionId, stage, jobId, cohortName, encoder, classes, heldOut, stale, createdAt } = row;
  const trust = gradeTrust(row, row.calibration);
  const probability = Math.max(...(trust?.probabilities ?? row.probabilities));
  return {
    predictionId,
    by: stage === 'predict' ? 'job' : 'arrival',
    jobId,
    cohortName,
    encoder,
    grade: classes[row.probabilities.indexOf(Math.max(...row.probabilities))] ?? '',
    probability,
    heldOut,
    abstains: trust?.abstains ?? null,
    stale,
    createdAt: new Date(createdAt).toISOString(),
  };
}
