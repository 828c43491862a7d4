import type { Problem } from '@stroma/core/errors';
import type { RunProgress } from '@stroma/core/http/job';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { enqueue, jsonOf } from './runs.ts';
import { runsOf } from './runs-of.ts';
import type { DB, Json } from './schema.ts';

export interface NewExport {
  jobId: number;
  cohortId: number;
  encoder: 'dino' | 'gen_dino';
  layout: string;
  names: 'coded' | 'uploaded';
  createdBy: string;
}

/** Stores the export and the run that makes it. The run is not part of the job's graph. */
export async function createExport(tx: Transaction<DB>, wanted: NewExport): Promise<number> {
  const { id } = await tx.insertInto('export').values(wanted).returning('id').executeTakeFirstOrThrow();
  const runId = await enqueue(tx, { stage: 'export', encoder: wanted.encoder, config: { exportId: id } });
  await tx.updateTable('export').set({ runId }).where('id', '=', id).execute();
  return id;
}

/** A run that failed or was cancelled leaves its export queued for ever; it is shown as failed. */
function exportColumns(db: Database) {
  return db
    .selectFrom('export')
    .innerJoin('cohort', 'cohort.id', 'export.cohortId')
    .leftJoin('run', 'run.id', 'export.runId')
    .select([
      'export.id',
      'export.jobId',
      'export.cohortId',
      'export.encoder',
      'export.layout',
      'export.names',
      'export.bytes',
    ])
    .select(['export.sha256', 'export.slideCount', 'export.cropCount', 'export.createdAt', 'export.objectKey'])
    .select(['cohort.name as cohortName', 'run.error', 'run.progress'])
    .select(
      sql<'queued' | 'running' | 'ready' | 'failed'>`case
        when export.status = 'queued' and run.status in ('failed', 'cancelled') then 'failed'
        when export.status = 'queued' and run.status = 'running' then 'running'
        else export.status end`.as('status'),
    );
}

export async function listExports(db: Database, jobId?: number) {
  const rows = await exportColumns(db)
    .$if(jobId !== undefined, (query) => query.where('export.jobId', '=', jobId as number))
    .orderBy('export.id', 'desc')
    .execute();
  return rows.map(withProblem);
}

export async function findExport(db: Database, id: number) {
  const row = await exportColumns(db).where('export.id', '=', id).executeTakeFirst();
  return row && withProblem(row);
}

export type ExportListRow = NonNullable<Awaited<ReturnType<typeof findExport>>>;

function withProblem<Row extends { error: Json | null; progress: Json | null }>(row: Row) {
  return { ...row, error: jsonOf<Problem>(row.error), progress: jsonOf<RunProgress>(row.progress) };
}

/** Whether the cohort was embedded by this encoder, or graded on its embeddings. */
export async function isDone(
  db: Database | Transaction<DB>,
  { jobId, encoder, stage }: { jobId: number; encoder: string; stage: 'embed' | 'predict' },
): Promise<boolean> {
  const row = await db
    .selectFrom('run')
    .select('id')
    .where('id', 'in', runsOf(jobId))
    .where('stage', '=', stage)
    .where('encoder', '=', encoder)
    .where('status', '=', 'succeeded')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
