import type { Transaction } from 'kysely';
import type { DB } from './schema.ts';

export interface NewSyntheticSet {
  runId: number;
  /** The E-LDM that drew it. */
  checkpointId: number;
  objectKey: string;
  generatedCount: number;
  interpolatedCount: number;
}

/** Stores the synthetic crops of a run; a run that is finished a second time replaces its own. */
export async function putSyntheticSet(trx: Transaction<DB>, set: NewSyntheticSet): Promise<void> {
  await trx
    .insertInto('syntheticSet')
    .values(set)
    .onConflict((conflict) => conflict.column('runId').doUpdateSet(set))
    .execute();
}
