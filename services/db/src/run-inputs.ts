import { StromaError } from '@stroma/core/errors';
import type { Stage } from '@stroma/core/http/job';
import type { Selectable } from 'kysely';
import type { Database } from './client.ts';
import type { RunRow } from './runs.ts';
import { runsOf } from './runs-of.ts';
import type { Job } from './schema.ts';

export type JobRow = Selectable<Job>;
export type Encoder = 'dino' | 'gen_dino';

/** The run of a stage that this run builds on: an input of its own, else the latest done one of its job. */
export async function inputRun(
  db: Database,
  run: Pick<RunRow, 'id' | 'jobId' | 'stage'>,
  stage: Stage,
  encoder?: Encoder,
): Promise<number> {
  const named = await db
    .selectFrom('runInput')
    .innerJoin('run as input', 'input.id', 'runInput.inputRunId')
    .select('input.id')
    .where('runInput.runId', '=', run.id)
    .where('input.stage', '=', stage)
    .where('input.status', '=', 'succeeded')
    .$if(encoder !== undefined, (query) => query.where('input.encoder', '=', encoder as Encoder))
    .orderBy('input.id', 'desc')
    .executeTakeFirst();
  if (named) return named.id;
  const found = run.jobId === null ? undefined : await doneRun(db, run.jobId, stage, encoder);
  if (found !== undefined) return found;
  throw new StromaError({
    code: 'run.input_missing',
    message: `The run needs a finished ${stage} run${encoder ? ` of ${encoder}` : ''}, and its job has none.`,
    where: `run ${run.id} (${run.stage})`,
    remedy: 'Resume the job from the missing stage.',
  });
}

/** The job's latest done run of a stage. */
export async function doneRun(
  db: Database,
  jobId: number,
  stage: Stage,
  encoder?: Encoder,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('run')
    .select('id')
    .where('id', 'in', runsOf(jobId))
    .where('stage', '=', stage)
    .where('status', '=', 'succeeded')
    .$if(encoder !== undefined, (query) => query.where('encoder', '=', encoder as Encoder))
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row?.id;
}

export async function jobOf(db: Database, run: Pick<RunRow, 'id' | 'jobId' | 'stage'>): Promise<JobRow> {
  const job =
    run.jobId === null
      ? undefined
      : await db.selectFrom('job').selectAll().where('id', '=', run.jobId).executeTakeFirst();
  if (job) return job;
  throw new StromaError({
    code: 'run.no_job',
    message: `A ${run.stage} run belongs to a job, and this one has none.`,
    where: `run ${run.id}`,
  });
}

/** The revision a run was first started with; it stays when the run goes on under newer code. */
export async function keepCodeRevision(db: Database, run: RunRow, current: string): Promise<string> {
  if (run.codeRevision !== null) return run.codeRevision;
  await db.updateTable('run').set({ codeRevision: current }).where('id', '=', run.id).execute();
  return current;
}
