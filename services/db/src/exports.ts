import { StromaError } from '@stroma/core/errors';
import type { Selectable, Transaction } from 'kysely';
import type { Database } from './client.ts';
import type { Lease } from './runs.ts';
import type { DB, Export } from './schema.ts';

export type ExportRow = Selectable<Export>;

/** The export that a run is to make. */
export async function exportOfRun(db: Database, runId: number): Promise<ExportRow> {
  const row = await db.selectFrom('export').selectAll().where('runId', '=', runId).executeTakeFirst();
  if (row) return row;
  throw new StromaError({ code: 'export.gone', message: 'The export was deleted.', where: `run ${runId}` });
}

export interface MadeExport {
  objectKey: string;
  sha256: string;
  bytes: number;
  slideCount: number;
  cropCount: number;
}

export async function markExportReady(trx: Transaction<DB>, id: number, made: MadeExport): Promise<void> {
  await trx
    .updateTable('export')
    .set({ ...made, status: 'ready' })
    .where('id', '=', id)
    .execute();
}

export async function markExportFailed(db: Database, id: number, lease: Lease): Promise<void> {
  await db
    .updateTable('export')
    .set({ status: 'failed' })
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .where((where) =>
      where.exists(where.selectFrom('run').select('id').where('id', '=', lease.runId).where('fence', '=', lease.fence)),
    )
    .execute();
}
