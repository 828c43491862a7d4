import { alarmProblems } from '@stroma/core/contract/alarm';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { selectionText } from '@stroma/core/crop-numbers';
import type { RunStatus, Stage } from '@stroma/core/http/job';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { enqueue, runChannel } from './runs.ts';
import type { DB } from './schema.ts';

export interface NewJob {
  cohortId: number;
  preset: string;
  mpp: number;
  sizePx: number;
  stridePx: number;
  cropSelection: CropSelection;
  seed: number;
  overrides: Record<string, Record<string, unknown>>;
  createdBy: string;
  /** The job that it takes finished runs over from. */
  base?: { jobId: number; runIds: number[] };
}

/** One run of a job's graph. Inputs name other steps of the graph by key, or runs that exist already. */
export interface JobStep {
  key: string;
  stage: Stage;
  encoder?: 'dino' | 'gen_dino';
  config: Record<string, unknown>;
  inputs: { role: string; step?: string; runIds?: number[] }[];
}

/** Stores a job and its whole graph; steps come after what they need. */
export async function createJob(
  tx: Transaction<DB>,
  { base, ...job }: NewJob,
  steps: readonly JobStep[],
): Promise<number> {
  const { id } = await tx
    .insertInto('job')
    .values({
      ...job,
      overrides: JSON.stringify(job.overrides),
      cropSelection: selectionText(job.cropSelection),
      baseJobId: base?.jobId ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (base) {
    await sql`insert into taken_run (job_id, run_id) select ${id}, taken from unnest(${base.runIds}::int[]) as taken`.execute(
      tx,
    );
  }
  const runs = new Map<string, number>();
  for (const { key, stage, encoder, config, inputs } of steps) {
    const runId = await enqueue(tx, { stage, jobId: id, config, seed: job.seed, ...(encoder ? { encoder } : {}) });
    runs.set(key, runId);
    for (const { role, step, runIds = [] } of inputs) {
      const needed = step === undefined ? runIds : [runs.get(step) as number];
      // An array, not a list of values: a cohort may have more tile runs than a statement can have parameters.
      await sql`insert into run_input (run_id, input_run_id, role)
        select ${runId}, needed, ${role} from unnest(${needed}::int[]) as needed`.execute(tx);
    }
  }
  return id;
}

// A job is as far as its own runs and the tile runs it waits for. What is made of a finished job, exports and gradings of
// new slides, is no part of it.
const runsOfJobs = sql`(
  select id, job_id, status, ended_at from run where job_id is not null and stage not in ('export', 'grade_slide')
  union
  select tile.id, run.job_id, tile.status, tile.ended_at
  from run join run_input on run_input.run_id = run.id join run tile on tile.id = run_input.input_run_id
  where run.job_id is not null and run.stage <> 'grade_slide' and tile.stage = 'tile'
)`;

function jobColumns(db: Database) {
  return db
    .selectFrom('job')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .innerJoinLateral(
      sql<{ status: RunStatus; endedAt: Date | null }>`(
        select case
            when bool_or(status = 'failed') then 'failed'
            when bool_or(status = 'cancelled') then 'cancelled'
            when bool_or(status = 'running') then 'running'
            when bool_or(status = 'queued') then 'queued'
            else 'succeeded' end as status,
          case when bool_and(status in ('failed', 'cancelled', 'succeeded')) then max(ended_at) end as ended_at
        from ${runsOfJobs} as runs where runs.job_id = job.id)`.as('state'),
      (join) => join.onTrue(),
    )
    .select(['job.id', 'job.cohortId', 'cohort.name as cohortName', 'job.preset', 'job.mpp', 'job.seed'])
    .select(['job.sizePx', 'job.stridePx', 'job.cropSelection', 'job.overrides', 'job.baseJobId'])
    .select(['job.createdAt', 'state.status', 'state.endedAt']);
}

export async function listJobs(db: Database, cohortId?: number) {
  return await jobColumns(db)
    .$if(cohortId !== undefined, (query) => query.where('job.cohortId', '=', cohortId as number))
    .orderBy('job.id', 'desc')
    .execute();
}

export async function findJob(db: Database, id: number) {
  return await jobColumns(db).where('job.id', '=', id).executeTakeFirst();
}

export type JobRow = NonNullable<Awaited<ReturnType<typeof findJob>>>;

/** How far the cohort's slides are cut on the job's grid; crops as cut, before the selection. */
export async function jobTiling(
  db: Database,
  job: { cohortId: number; mpp: number; sizePx: number; stridePx: number },
) {
  const { rows } = await sql<{ total: number; done: number; failed: number; crops: number; shards: number }>`
    select count(*) as total,
      count(*) filter (where ready) as done,
      count(*) filter (where not ready and failed) as failed,
      coalesce(sum(crops), 0)::bigint as crops,
      coalesce(sum(shards), 0)::bigint as shards
    from (
      select coalesce(bool_or(crop_set.status = 'ready'), false) as ready,
        coalesce(bool_or(crop_set.status = 'failed'), false) as failed,
        max(crop_set.crop_count) filter (where crop_set.status = 'ready') as crops,
        sum((select count(*) from shard where shard.crop_set_id = crop_set.id)) as shards
      from cohort_slide left join crop_set on crop_set.slide_id = cohort_slide.slide_id
        and crop_set.mpp = ${job.mpp} and crop_set.size_px = ${job.sizePx} and crop_set.stride_px = ${job.stridePx}
      where cohort_slide.cohort_id = ${job.cohortId} group by cohort_slide.slide_id) as slides`.execute(db);
  return rows[0] ?? { total: 0, done: 0, failed: 0, crops: 0, shards: 0 };
}

/** Runs whose changes are news of the job, with their stages. */
export async function runsOfJob(db: Database, jobId: number): Promise<Map<number, Stage>> {
  const { rows } = await sql<{ id: number; stage: Stage }>`
    select run.id, run.stage from ${runsOfJobs} as runs join run on run.id = runs.id
    where runs.job_id = ${jobId}`.execute(db);
  return new Map(rows.map((row) => [row.id, row.stage]));
}

/**
 * Cancels what waits and asks what runs to stop. Tile runs go on: other jobs may wait for them, and crops are of use
 * by themselves.
 */
export async function stopJob(tx: Transaction<DB>, jobId: number): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    update run set
      status = case when held then 'running' else 'cancelled' end,
      cancel_requested = held,
      ended_at = case when held then ended_at else now() end,
      worker = case when held then worker end,
      lease_until = case when held then lease_until end
    from (select id as open_id, status = 'running' and lease_until > now() as held from run
      where job_id = ${jobId} and stage <> 'grade_slide' and status in ('queued', 'running') for update) as open
    where id = open_id
    returning id`.execute(tx);
  await announceAll(tx, rows);
}

/**
 * Queues again what failed or was cancelled, tile runs included; what succeeded stays. ignoreAlarms: runs that an alarm
 * stopped are stopped by none any more.
 */
export async function resumeJob(tx: Transaction<DB>, jobId: number, { ignoreAlarms = false } = {}): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    update run set status = 'queued', attempt = 0, error = null, ended_at = null, worker = null, lease_until = null,
      cancel_requested = false,
      config = case when ${ignoreAlarms}::boolean and error->>'code' = any(${alarmProblems}::text[])
        then config || '{"ignoreAlarms": true}' else config end
    where status in ('failed', 'cancelled')
      and id in (select runs.id from ${runsOfJobs} as runs where runs.job_id = ${jobId})
    returning id`.execute(tx);
  await sql`delete from run_step where run_id = any(${rows.map((row) => row.id)}::int[])`.execute(tx);
  await sql`update run set cancel_requested = false where job_id = ${jobId} and status = 'running'`.execute(tx);
  await sql`update crop_set set status = 'queued' from run
    where run.id = any(${rows.map((row) => row.id)}::int[]) and run.stage = 'tile' and crop_set.status = 'failed'
      and crop_set.id = (run.config->>'cropSetId')::int`.execute(tx);
  await announceAll(tx, rows);
}

async function announceAll(tx: Transaction<DB>, runs: readonly { id: number }[]): Promise<void> {
  const ids = runs.map((run) => String(run.id));
  await sql`select pg_notify(${runChannel}, id) from unnest(${ids}::text[]) as id`.execute(tx);
}
