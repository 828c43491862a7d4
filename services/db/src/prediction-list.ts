import type { GradeCalibration } from '@stroma/core/contract/grade-evaluation';
import { type Database, sql } from './client.ts';
import { cropsAreStale } from './crop-sets.ts';
import { predictionsInContext } from './prediction-joins.ts';

/** How the slide models' probabilities are to be read; null where they were trained before that was computed. */
export type FittedCalibration = Pick<GradeCalibration, 'all' | 'by_fold' | 'abstain'> | null;

/** Predictions of a slide with the words of its cohort, newest first. */
export async function slidePredictions(db: Database, slideId: string) {
  return await predictionsInContext(db)
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
    .select((eb) =>
      eb
        .selectFrom('runInput')
        .innerJoin('run as trained', 'trained.id', 'runInput.inputRunId')
        .select(
          sql<FittedCalibration>`(trained.result #> '{metrics,calibration}') - '{before,after,coverage}'::text[]`.as(
            'fitted',
          ),
        )
        .whereRef('runInput.runId', '=', 'run.id')
        .where('trained.stage', '=', 'train_abmil')
        .orderBy('trained.id', 'desc')
        .limit(1)
        .as('calibration'),
    )
    .where('prediction.slideId', '=', slideId)
    .orderBy('prediction.id', 'desc')
    .execute();
}
