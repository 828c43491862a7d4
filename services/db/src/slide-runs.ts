import type { Problem } from '@stroma/core/errors';
import type { RunProgress } from '@stroma/core/http/job';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { announce, jsonOf } from './runs.ts';
import type { DB } from './schema.ts';

/** What was done with a slide: its reading, the cutting of its crops, its grading on arrival; the newest first. */
export async function runsOfSlide(db: Database, slideId: string) {
  const readings = db
    .selectFrom('uploadFinding')
    .select(sql<string>`coalesce(upload_id, group_id::text)`.as('delivery'))
    .where('uploadFinding.slideId', '=', slideId);
  const rows = await db
    .selectFrom('run')
    .leftJoin('cropSet', (join) =>
      join
        .on('run.stage', 'in', ['tile', 'grade_slide'])
        .on(sql<boolean>`crop_set.id = (run.config->>'cropSetId')::int`),
    )
    .select(['run.id', 'run.stage', 'run.status', 'run.progress', 'run.error', 'run.result', 'run.attempt'])
    .select(['run.createdAt', 'run.startedAt', 'run.endedAt', 'cropSet.mpp', 'cropSet.sizePx'])
    .where((where) =>
      where.or([
        where.and([where('run.stage', 'in', ['tile', 'grade_slide']), where('run.slideId', '=', slideId)]),
        where.and([
          where('run.stage', '=', 'read_slide'),
          where(sql<string>`coalesce(run.config->>'uploadId', run.config->>'groupId')`, 'in', readings),
        ]),
      ]),
    )
    .orderBy('run.id', 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    ...row,
    progress: jsonOf<RunProgress>(row.progress),
    error: jsonOf<Problem>(row.error),
    result: jsonOf<Record<string, unknown>>(row.result),
  }));
}

export type SlideRunRow = Awaited<ReturnType<typeof runsOfSlide>>[number];

/** Uploads whose reading ended with a fault of ours rather than a refusal: their bytes wait for another try. */
export async function failedReadings(db: Database) {
  const rows = await db
    .selectFrom('run')
    .select(['id', 'status', 'error', 'endedAt', sql<string | null>`config->>'fileName'`.as('name')])
    .where('stage', '=', 'read_slide')
    .where('status', 'in', ['failed', 'cancelled'])
    .orderBy('id', 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({ ...row, error: jsonOf<Problem>(row.error) }));
}

export async function runState(db: Database, id: number) {
  return await db.selectFrom('run').select(['id', 'stage', 'status']).where('id', '=', id).executeTakeFirst();
}

/** Queues a run that failed or was cancelled once more; false when it is in another state by now. */
export async function retryRun(trx: Transaction<DB>, id: number): Promise<boolean> {
  const { rows } = await sql`
    update run set status = 'queued', attempt = 0, error = null, ended_at = null, worker = null, lease_until = null,
      cancel_requested = false
    where id = ${id} and status in ('failed', 'cancelled') and stage <> 'export' returning id`.execute(trx);
  if (rows.length === 0) return false;
  // Attempts are counted anew.
  await sql`delete from run_step where run_id = ${id}`.execute(trx);
  await sql`update crop_set set status = 'queued' from run
    where run.id = ${id} and run.stage = 'tile' and crop_set.status = 'failed'
      and crop_set.id = (run.config->>'cropSetId')::int`.execute(trx);
  await announce(trx, id);
  return true;
}
