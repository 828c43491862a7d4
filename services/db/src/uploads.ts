import type { Selectable, Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { enqueue } from './runs.ts';
import type { DB, Upload } from './schema.ts';
import { receiveInGroup } from './upload-groups.ts';

export type UploadRow = Selectable<Upload>;

export interface NewUpload {
  id: string;
  userId: string;
  fileName: string;
  bytes: number;
  /** Of a group: where the file lies in it. */
  inGroup?: { groupId: string; path: string } | undefined;
}

/**
 * A file of a group that was begun before and did not come whole is begun anew; answers that earlier upload, whose bytes
 * are to be deleted. Undefined: nothing was begun.
 */
export async function createUpload(
  db: Database,
  { inGroup, ...upload }: NewUpload,
): Promise<{ replaced: string | undefined }> {
  return await db.transaction().execute(async (trx) => {
    const before = inGroup && (await beginAnew(trx, inGroup));
    await trx
      .insertInto('upload')
      .values({ ...upload, ...inGroup })
      .execute();
    return { replaced: before };
  });
}

async function beginAnew(trx: Transaction<DB>, { groupId, path }: { groupId: string; path: string }) {
  const gone = await trx
    .deleteFrom('upload')
    .where('groupId', '=', groupId)
    .where('path', '=', path)
    .where('status', '=', 'receiving')
    .returning('id')
    .executeTakeFirst();
  return gone?.id;
}

export async function findUpload(db: Database, id: string): Promise<UploadRow | undefined> {
  return await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst();
}

/** An upload that its sender gave up is forgotten. */
export async function deleteUpload(db: Database, id: string): Promise<void> {
  await db.deleteFrom('upload').where('id', '=', id).where('status', '=', 'receiving').execute();
}

/** Those that were sent by themselves, newest first. */
export async function listUploads(db: Database, limit: number): Promise<UploadRow[]> {
  return await db
    .selectFrom('upload')
    .selectAll()
    .where('groupId', 'is', null)
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** An upload that waits for the rest of its series and will not get it; answers whether it was there. */
export async function discardWaiting(db: Database, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('upload')
    .where('id', '=', id)
    .where('status', '=', 'waiting')
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}

/** All bytes are here: hands the file to ingest. Doing it again changes nothing. */
export async function finishUpload(db: Database, id: string, path: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const upload = await tx.selectFrom('upload').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (!upload || (upload.status !== 'receiving' && upload.status !== 'reading')) return;
    if (upload.groupId !== null) return await receiveInGroup(tx, upload.groupId, id);
    if (await hasReadRun(tx, id)) return;
    await tx.updateTable('upload').set({ status: 'reading' }).where('id', '=', id).execute();
    await enqueue(tx, { stage: 'read_slide', config: { uploadId: id, path, fileName: upload.fileName } });
  });
}

async function hasReadRun(tx: Transaction<DB>, uploadId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('run')
    .select('id')
    .where('stage', '=', 'read_slide')
    .where(sql<boolean>`config->>'uploadId' = ${uploadId}`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Uploads that are still receiving, or that no run reads although they should be read. */
export async function unfinishedUploads(db: Database): Promise<Pick<UploadRow, 'id' | 'bytes'>[]> {
  return await db
    .selectFrom('upload')
    .select(['id', 'bytes'])
    .where('status', 'in', ['receiving', 'reading'])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('run')
            .select('run.id')
            .where('run.stage', '=', 'read_slide')
            .where(
              sql<boolean>`(run.config->>'uploadId' = upload.id or run.config->>'groupId' = upload.group_id::text)`,
            ),
        ),
      ),
    )
    .execute();
}

/** Of these ids, those whose upload has ended: nothing of theirs is needed in the uploads folder. */
export async function endedUploads(db: Database, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('upload')
    .select('id')
    .where('id', 'in', [...ids])
    .where('status', 'in', ['registered', 'refused', 'left_out'])
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** Those of these upload files whose reading is over: a kill between the commit and the deletion leaves them. */
export async function settledUploadPaths(db: Database, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const rows = await db
    .selectFrom('run')
    .select(sql<string>`config->>'path'`.as('path'))
    .where('stage', '=', 'read_slide')
    .where('status', '=', 'succeeded')
    .where(sql<string>`config->>'path'`, 'in', [...paths])
    // The file of an upload that waits for the rest of its series is still needed.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('upload')
            .select('id')
            .where(sql<boolean>`upload.id = run.config->>'uploadId'`)
            .where('status', '=', 'waiting'),
        ),
      ),
    )
    .execute();
  return rows.map((row) => row.path);
}

/** Of these ids of uploads and groups, those that no run reads or will read. */
export async function endedReadings(db: Database, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select id from unnest(${ids}::text[]) id
    where not exists (select from upload where upload.id = id.id and status = 'reading')
      and not exists (select from upload_group where upload_group.id::text = id.id and status = 'reading')`.execute(db);
  return new Set(rows.map((row) => row.id));
}
