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

/** The same for every job that rests on them: the one that they were made for, and those that took them over. */
export function predictionsOfJobs(db: Database) {
  return db
    .selectFrom('prediction')
    .innerJoin('run', 'run.id', 'prediction.runId')
    .innerJoin('jobRun', 'jobRun.runId', 'run.id')
    .innerJoin('job', 'job.id', 'jobRun.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .innerJoin('embeddingSet', 'embeddingSet.id', 'prediction.embeddingSetId');
}
