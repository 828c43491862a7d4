import type { Database } from './client.ts';

/** Predictions with the job and cohort that they were made for, and the embeddings they rest on. */
export function predictionsInContext(db: Database) {
  return db
    .selectFrom('prediction')
    .innerJoin('run', 'run.id', 'prediction.runId')
    .innerJoin('job', 'job.id', 'run.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .innerJoin('embeddingSet', 'embeddingSet.id', 'prediction.embeddingSetId');
}
