import type { Preset } from '@stroma/core/contract/run-directory';
import type { ModelKind } from '@stroma/core/model-kinds';
import { type Database, sql } from './client.ts';
import { jsonOf } from './runs.ts';

function modelColumns(db: Database) {
  return db
    .selectFrom('run')
    .innerJoin('job', 'job.id', 'run.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .innerJoinLateral(
      sql<{ kind: ModelKind; networks: number }>`(
        select min(kind) as kind, count(*)::int as networks from checkpoint where run_id = run.id)`.as('trained'),
      (join) => join.on('trained.networks', '>', 0),
    )
    .leftJoin('activeModel', (join) =>
      join.onRef('activeModel.runId', '=', 'run.id').on('activeModel.endedAt', 'is', null),
    )
    .leftJoin('appUser', 'appUser.id', 'activeModel.activatedBy')
    .select(['run.id as runId', 'trained.kind', 'trained.networks', 'run.encoder', 'run.codeRevision', 'run.endedAt'])
    .select(['job.id as jobId', 'job.cohortId', 'cohort.name as cohortName', 'job.preset', 'job.seed', 'job.mpp'])
    .select(['job.sizePx', 'job.stridePx', 'job.cropSelection', 'run.stage', 'run.createdAt'])
    .select(['activeModel.activatedAt', 'appUser.name as activatedBy'])
    .select(
      // Of every slide, and its grade: as long as the cohort.
      sql<Record<string, unknown> | null>`jsonb_set(run.result, '{metrics}',
        coalesce(run.result->'metrics', '{}') - 'out_of_fold' - 'calibration')`.as('result'),
    )
    .select(
      sql<{
        slides: number;
        crops: number;
      } | null>`(select jsonb_build_object('slides', result->'slides', 'crops', result->'crops')
        from run as embed join job_run on job_run.run_id = embed.id where job_run.job_id = job.id and stage = 'embed' and status = 'succeeded' order by embed.id limit 1)`.as(
        'embedded',
      ),
    )
    .where('run.status', '=', 'succeeded')
    .where('run.stage', 'in', ['train_dino', 'train_gen_dino', 'train_eldm', 'train_abmil']);
}

/** Finished trainings with what they left, the newest first. */
export async function listModels(db: Database) {
  return (await modelColumns(db).orderBy('run.id', 'desc').execute()).map(typed);
}

export async function findModel(db: Database, runId: number) {
  const row = await modelColumns(db).where('run.id', '=', runId).executeTakeFirst();
  return row && typed(row);
}

export type ModelRow = NonNullable<Awaited<ReturnType<typeof findModel>>>;

function typed<Row extends { preset: string; result: unknown }>(row: Row) {
  return {
    ...row,
    preset: row.preset as Preset,
    result: jsonOf<Record<string, unknown>>(row.result as never) ?? {},
  };
}

/** The networks of a training, by fold. */
export async function modelCards(db: Database, runId: number) {
  return await db
    .selectFrom('checkpoint')
    .select(['fold', 'sha256', 'card'])
    .where('runId', '=', runId)
    .orderBy('fold')
    .orderBy('id')
    .execute();
}

/** How many new slides a model has graded, is to grade, and could not. Of each slide the latest grading counts. */
export async function gradingCounts(db: Database, modelRunId: number) {
  const { rows } = await sql<{ graded: number; open: number; failed: number }>`
    select count(*) filter (where status = 'succeeded')::int as graded,
      count(*) filter (where status in ('queued', 'running') and not blocked)::int as open,
      count(*) filter (where status = 'failed' or blocked)::int as failed
    from (select distinct on (slide_id) status, status = 'queued' and exists (
        select from run_input join run need on need.id = input_run_id
        where run_id = run.id and need.status in ('failed', 'cancelled')) as blocked
      from run where stage = 'grade_slide' and (config->>'modelRunId')::int = ${modelRunId}
      order by slide_id, id desc) as latest`.execute(db);
  return rows[0] ?? { graded: 0, open: 0, failed: 0 };
}
