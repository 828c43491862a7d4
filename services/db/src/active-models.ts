import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { announce } from './runs.ts';
import type { DB } from './schema.ts';

/** Makes the folds of a train_abmil run grade new slides; what did so for the same cohort and mpp does no more. */
export async function activateModel(trx: Transaction<DB>, runId: number, userId: string | null): Promise<void> {
  const { cohortId, mpp } = await trx
    .selectFrom('run')
    .innerJoin('job', 'job.id', 'run.jobId')
    .select(['job.cohortId', 'job.mpp'])
    .where('run.id', '=', runId)
    .executeTakeFirstOrThrow();
  // Two who activate at once: the second waits, and ends what the first began.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`active model ${cohortId} ${mpp}`}, 0))`.execute(trx);
  const before = await trx
    .selectFrom('activeModel')
    .select('runId')
    .where('cohortId', '=', cohortId)
    .where('mpp', '=', mpp)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  if (before?.runId === runId) return;
  if (before) await deactivateModel(trx, before.runId);
  await trx.insertInto('activeModel').values({ runId, cohortId, mpp, activatedBy: userId }).execute();
}

/** New slides are not graded by it any more, nor those that wait; one that is being graded is graded. False: was not active. */
export async function deactivateModel(trx: Transaction<DB>, runId: number): Promise<boolean> {
  const ended = await trx
    .updateTable('activeModel')
    .set({ endedAt: sql<Date>`now()` })
    .where('runId', '=', runId)
    .where('endedAt', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!ended) return false;
  const waiting = await trx
    .updateTable('run')
    .set({ status: 'cancelled', endedAt: sql<Date>`now()` })
    .where('stage', '=', 'grade_slide')
    .where('status', '=', 'queued')
    .where(sql`(config->>'modelRunId')::int`, '=', runId)
    .returning('id')
    .execute();
  for (const { id } of waiting) await announce(trx, id);
  return true;
}

/** Since when each active model has been grading, and who had it do so. */
export async function activeModels(db: Database) {
  return await db
    .selectFrom('activeModel')
    .leftJoin('appUser', 'appUser.id', 'activeModel.activatedBy')
    .select(['activeModel.runId', 'activeModel.activatedAt', 'appUser.name as activatedBy'])
    .where('activeModel.endedAt', 'is', null)
    .execute();
}
