import { type Database, sql } from './client.ts';

/** Takes the lock, or asks its holder to let go and answers false. A lock whose holder died runs out by itself. */
export async function takeUploadLock(db: Database, id: string, holder: string, heldS: number): Promise<boolean> {
  const heldUntil = sql<Date>`now() + make_interval(secs => ${heldS})`;
  const row = await db
    .insertInto('uploadLock')
    .values({ uploadId: id, holder, heldUntil })
    .onConflict((conflict) =>
      conflict
        .column('uploadId')
        .doUpdateSet({ holder, heldUntil, releaseRequested: false })
        .where('uploadLock.heldUntil', '<', sql<Date>`now()`),
    )
    .returning('holder')
    .executeTakeFirst();
  if (row) return true;
  await db.updateTable('uploadLock').set({ releaseRequested: true }).where('uploadId', '=', id).execute();
  return false;
}

/** Prolongs the lock; tells whether someone waits for it, or that it was lost. */
export async function keepUploadLock(
  db: Database,
  id: string,
  holder: string,
  heldS: number,
): Promise<'held' | 'wanted' | 'lost'> {
  const row = await db
    .updateTable('uploadLock')
    .set({ heldUntil: sql<Date>`now() + make_interval(secs => ${heldS})` })
    .where('uploadId', '=', id)
    .where('holder', '=', holder)
    .returning('releaseRequested')
    .executeTakeFirst();
  if (!row) return 'lost';
  return row.releaseRequested ? 'wanted' : 'held';
}

export async function dropUploadLock(db: Database, id: string, holder: string): Promise<void> {
  await db.deleteFrom('uploadLock').where('uploadId', '=', id).where('holder', '=', holder).execute();
}
