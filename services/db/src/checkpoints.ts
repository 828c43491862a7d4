import { StromaError } from '@stroma/core/errors';
import type { Selectable, Transaction } from 'kysely';
import type { Database } from './client.ts';
import type { Checkpoint, DB } from './schema.ts';

export type CheckpointRow = Selectable<Checkpoint>;
export type CheckpointKind = 'encoder' | 'eldm' | 'abmil';

export interface NewCheckpoint {
  kind: CheckpointKind;
  fold: number | null;
  /** Models of one fold that differ in their seed alone are counted from 0. */
  seedIx: number;
  /** Folder of the model's files. */
  objectKey: string;
  /** Of the file that names the model: its ONNX network. */
  sha256: string;
  card: Record<string, unknown>;
}

/** Stores what a run trained; a run that is finished a second time replaces its own. */
export async function putCheckpoints(
  trx: Transaction<DB>,
  runId: number,
  checkpoints: readonly NewCheckpoint[],
): Promise<void> {
  if (checkpoints.length === 0) return;
  await trx
    .insertInto('checkpoint')
    .values(checkpoints.map((checkpoint) => ({ runId, ...checkpoint, card: JSON.stringify(checkpoint.card) })))
    .onConflict((conflict) =>
      conflict.columns(['runId', 'kind', 'fold', 'seedIx']).doUpdateSet((eb) => ({
        objectKey: eb.ref('excluded.objectKey'),
        sha256: eb.ref('excluded.sha256'),
        card: eb.ref('excluded.card'),
      })),
    )
    .execute();
}

/** A run's checkpoints of one kind in the order of their folds and seeds; refuses a run that has none. */
export async function checkpointsOf(db: Database, runId: number, kind: CheckpointKind): Promise<CheckpointRow[]> {
  const rows = await db
    .selectFrom('checkpoint')
    .selectAll()
    .where('runId', '=', runId)
    .where('kind', '=', kind)
    .orderBy('fold')
    .orderBy('seedIx')
    .execute();
  if (rows.length > 0) return rows;
  throw new StromaError({
    code: 'checkpoint.missing',
    message: `The run has no ${kind} checkpoint.`,
    where: `run ${runId}`,
    remedy: 'Run the stage again.',
  });
}

export async function checkpointOf(db: Database, runId: number, kind: CheckpointKind): Promise<CheckpointRow> {
  const [row] = await checkpointsOf(db, runId, kind);
  return row as CheckpointRow;
}
