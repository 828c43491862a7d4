import type { Database } from './client.ts';
import type { Encoder } from './run-inputs.ts';
import { jsonOf } from './runs.ts';
import { runsOf } from './runs-of.ts';

export interface GradeRun {
  id: number;
  encoder: Encoder;
  status: string;
  endedAt: Date | null;
  result: { metrics?: unknown } | null;
}

/** A job's train_abmil runs, of each encoder the latest that is done, else the latest. */
export async function gradeRuns(db: Database, jobId: number): Promise<GradeRun[]> {
  const rows = await db
    .selectFrom('run')
    .select(['id', 'encoder', 'status', 'endedAt', 'result'])
    .where('id', 'in', runsOf(jobId))
    .where('stage', '=', 'train_abmil')
    .where('encoder', 'is not', null)
    .distinctOn('encoder')
    .orderBy('encoder')
    .orderBy((eb) => eb('status', '=', 'succeeded'), 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    ...row,
    encoder: row.encoder as Encoder,
    result: jsonOf<{ metrics?: unknown }>(row.result),
  }));
}
