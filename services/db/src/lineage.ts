import type { Preset } from '@stroma/core/contract/run-directory';
import type { Stage } from '@stroma/core/http/job';
import { type Database, sql } from './client.ts';
import { fittedCalibration } from './fitted-calibration.ts';
import { predictionsInContext } from './prediction-joins.ts';
import type { Encoder } from './run-inputs.ts';
import { runsOf } from './runs-of.ts';

export interface LineageRun {
  id: number;
  stage: Stage;
  encoder: Encoder | null;
  codeRevision: string | null;
  /** Of its networks, by fold. */
  sha256s: string[];
  /** Runs that it was made of, without the cutting of crops. */
  inputs: number[];
}

/** A run and everything that it was made of, itself first. */
export async function lineageRuns(db: Database, runId: number): Promise<LineageRun[]> {
  const { rows } = await sql<LineageRun>`
    with recursive upstream as (
      select ${runId}::int as id
      union select input_run_id from run_input join upstream on run_id = upstream.id)
    select run.id, run.stage, run.encoder, run.code_revision as "codeRevision",
      coalesce((select array_agg(sha256 order by fold, id) from checkpoint where run_id = run.id), '{}') as "sha256s",
      coalesce((select array_agg(distinct input.id order by input.id) from run_input join run input on input.id = input_run_id
        where run_id = run.id and input.stage <> 'tile'), '{}') as inputs
    from upstream join run using (id) where run.stage <> 'tile' order by run.id desc`.execute(db);
  return rows;
}

/** The job that a run belongs to, with the words of its cohort. */
export async function lineageJob(db: Database, runId: number) {
  const row = await db
    .selectFrom('run')
    .innerJoin('job', 'job.id', 'run.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .select(['job.id', 'job.seed', 'job.preset', 'job.mpp', 'job.sizePx', 'job.stridePx', 'job.cropSelection'])
    .select(['job.cohortId', 'cohort.name as cohortName', 'cohort.foldCount'])
    .where('run.id', '=', runId)
    .executeTakeFirst();
  return row && { ...row, preset: row.preset as Preset };
}

/** The slides that a job trained on, as its first embeddings say; none before those are done. */
export async function embeddedSlides(db: Database, jobId: number) {
  return await db
    .selectFrom('embeddingSet')
    .innerJoin('slide', 'slide.id', 'embeddingSet.slideId')
    .select(['slide.id', 'slide.name', 'slide.sha256', 'embeddingSet.cropSetId', 'embeddingSet.cropCount as crops'])
    .where('embeddingSet.runId', '=', (eb) =>
      eb
        .selectFrom('run')
        .innerJoin('embeddingSet as first', 'first.runId', 'run.id')
        .select('run.id')
        .where('run.id', 'in', runsOf(jobId))
        .where('run.stage', '=', 'embed')
        .orderBy('run.id')
        .limit(1),
    )
    .orderBy('slide.name')
    .orderBy('slide.id')
    .execute();
}

/** A grade with its slide and the crops it rests on. */
export async function gradedSlide(db: Database, predictionId: number) {
  return await predictionsInContext(db)
    .innerJoin('slide', 'slide.id', 'prediction.slideId')
    .select(['prediction.runId', 'prediction.probabilities', 'prediction.encoder', 'prediction.folds'])
    .select([
      'job.id as jobId',
      'prediction.heldOut',
      'cohort.classes',
      'slide.id as slideId',
      'slide.name',
      'slide.sha256',
    ])
    .select(['embeddingSet.cropSetId', 'embeddingSet.cropCount', 'embeddingSet.sha256 as embeddingsSha256'])
    .select(fittedCalibration.as('calibration'))
    .where('prediction.id', '=', predictionId)
    .executeTakeFirst();
}
