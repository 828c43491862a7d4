import type { Transaction } from 'kysely';
import type { Database } from './client.ts';
import { type Lease, LeaseLost } from './runs.ts';
import type { DB } from './schema.ts';

/** A transaction that only the run's present holder can commit: the run's row stays locked until its end. */
export async function fenced<T>(db: Database, lease: Lease, write: (trx: Transaction<DB>) => Promise<T>): Promise<T> {
  return await db.transaction().execute(async (trx) => {
    await requireHeld(trx, lease);
    return await write(trx);
  });
}

/** Locks the run's row; a run that another worker holds by now ends the transaction. */
export async function requireHeld(trx: Transaction<DB>, lease: Lease): Promise<void> {
  const held = await trx
    .selectFrom('run')
    .select('id')
    .where('id', '=', lease.runId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .forUpdate()
    .executeTakeFirst();
  if (!held) throw new LeaseLost(lease);
}
