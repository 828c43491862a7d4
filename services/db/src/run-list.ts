import { trainerStages } from '@stroma/core/contract/run-directory';
import type { Problem } from '@stroma/core/errors';
import type { RunProgress } from '@stroma/core/http/job';
import { type Database, sql } from './client.ts';
import { jsonOf } from './runs.ts';
import { runsOf } from './runs-of.ts';
import type { Json } from './schema.ts';

/** The runs of a job but for its tile runs, each with the runs it needs (again without tile runs). */
export async function jobRuns(db: Database, jobId: number) {
  const rows = await db
    .selectFrom('run')
    .select(['id', 'jobId', 'stage', 'encoder', 'slideId', 'status', 'progress', 'error', 'attempt'])
    .select(['createdAt', 'startedAt', 'endedAt'])
    // Grades by slide are the comparison's matter: thousands of rows that every look at a job would carry.
    .select(sql<Json>`result #- '{metrics,out_of_fold}'`.as('result'))
    .select((eb) =>
      eb
        .selectFrom('runInput')
        .innerJoin('run as input', 'input.id', 'runInput.inputRunId')
        .select(sql<number[]>`coalesce(array_agg(distinct input.id order by input.id), '{}')`.as('ids'))
        .whereRef('runInput.runId', '=', 'run.id')
        .where('input.stage', '<>', 'tile')
        .as('inputs'),
    )
    .where('id', 'in', runsOf(jobId))
    .where('stage', 'not in', ['export', 'grade_slide'])
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...row,
    inputs: row.inputs ?? [],
    progress: jsonOf<RunProgress>(row.progress),
    error: jsonOf<Problem>(row.error),
    result: jsonOf<Record<string, unknown>>(row.result),
  }));
}

/** The runs of a job that the trainer carries out. */
export async function trainerRuns(db: Database, jobId: number) {
  return await db
    .selectFrom('run')
    .select(['id', 'stage', 'encoder', 'codeRevision'])
    .where('id', 'in', runsOf(jobId))
    .where('stage', 'in', [...trainerStages])
    .orderBy('id')
    .execute();
}

export type RunListRow = Awaited<ReturnType<typeof jobRuns>>[number];

export async function runExists(db: Database, id: number): Promise<boolean> {
  return (await db.selectFrom('run').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

export interface MetricPoint {
  phase: string;
  step: number;
  values: Record<string, number | null>;
}

/**
 * Metric events of a run in the order of their steps, thinned to about `points` for each phase and each set of names
 * that come together; the last one always stays.
 */
export async function runMetrics(db: Database, runId: number, points: number): Promise<MetricPoint[]> {
  const { rows } = await sql<MetricPoint>`
    select data->>'phase' as phase, (data->>'step')::int as step, data->'values' as values
    from (
      select data, position,
        row_number() over series as n,
        count(*) over (partition by data->>'phase', names) as total
      from run_event,
        lateral (select string_agg(name, ' ' order by name) as names from jsonb_object_keys(data->'values') as name) as k
      where run_id = ${runId} and kind = 'metric'
      window series as (partition by data->>'phase', names order by position)
    ) as numbered
    where n = total or (n - 1) % ceil(total / ${points}::float)::int = 0
    order by position`.execute(db);
  return rows;
}

/** The last lines of a run's log, oldest first. */
export async function runLog(db: Database, runId: number, lines: number) {
  const rows = await db
    .selectFrom('runEvent')
    .select(['at', sql<string>`data->>'message'`.as('message')])
    .where('runId', '=', runId)
    .where('kind', '=', 'log')
    .orderBy('position', 'desc')
    .limit(lines)
    .execute();
  return rows.reverse();
}
