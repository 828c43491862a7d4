import type { Database } from './client.ts';
import { cropsAreStale } from './crop-sets.ts';

/** Predictions of a slide with the words of its cohort, newest first. */
export async function slidePredictions(db: Database, slideId: string) {
  return await db
    .selectFrom('prediction')
    .innerJoin('run', 'run.id', 'prediction.runId')
    .innerJoin('job', 'job.id', 'run.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .innerJoin('embeddingSet', 'embeddingSet.id', 'prediction.embeddingSetId')
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
      'prediction.folds',
      'prediction.heldOut',
      'cohortSlide.label',
      'embeddingSet.cropSetId',
      'prediction.createdAt',
    ])
    .select(cropsAreStale.as('stale'))
    .where('prediction.slideId', '=', slideId)
    .orderBy('prediction.id', 'desc')
    .execute();
}

/** The stored scores of a prediction, and the crop set and selection whose order they follow. */
export async function findScores(db: Database, predictionId: number) {
  return await db
    .selectFrom('prediction')
    .innerJoin('embeddingSet', 'embeddingSet.id', 'prediction.embeddingSetId')
    .innerJoin('cropSet', 'cropSet.id', 'embeddingSet.cropSetId')
    .innerJoin('run', 'run.id', 'prediction.runId')
    .innerJoin('job', 'job.id', 'run.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .select(['prediction.id', 'prediction.createdAt', 'prediction.attentionLogits', 'prediction.classEvidence'])
    .select(['cohort.classes', 'cropSet.id as cropSetId', 'cropSet.mpp', 'cropSet.size0X', 'cropSet.size0Y'])
    .select(['cropSet.sizePx', 'cropSet.stridePx', 'job.cropSelection'])
    .where('prediction.id', '=', predictionId)
    .executeTakeFirst();
}
