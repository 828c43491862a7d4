import type { Database } from './client.ts';
import { cropsAreStale } from './crop-sets.ts';
import { fittedCalibration } from './fitted-calibration.ts';
import { predictionsOfJobs } from './prediction-joins.ts';

/**
 * Predictions of a slide with the words of its cohort: the newest job's first, each job's newest first. One that a job took
 * over from an earlier one is listed with both.
 */
export async function slidePredictions(db: Database, slideId: string) {
  return await predictionsOfJobs(db)
    .innerJoin('cropSet', 'cropSet.id', 'embeddingSet.cropSetId')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .leftJoin('cohortSlide', (join) =>
      join.onRef('cohortSlide.cohortId', '=', 'cohort.id').onRef('cohortSlide.slideId', '=', 'prediction.slideId'),
    )
    .select([
      'prediction.id',
      'job.id as jobId',
      'prediction.encoder',
      'cohort.classes',
      'prediction.probabilities',
      'prediction.modelProbabilities',
      'prediction.folds',
      'prediction.heldOut',
      'cohortSlide.label',
      'embeddingSet.cropSetId',
      'prediction.createdAt',
    ])
    .select(cropsAreStale.as('stale'))
    .select(fittedCalibration.as('calibration'))
    .where('prediction.slideId', '=', slideId)
    .orderBy('job.id', 'desc')
    .orderBy('prediction.id', 'desc')
    .execute();
}
