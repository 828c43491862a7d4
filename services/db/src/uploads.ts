import type { Selectable, Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { enqueue } from './runs.ts';
import type { DB, Upload } from './schema.ts';

export type UploadRow = Selectable<Upload>;

export interface NewUpload {
  id: string;
  userId: string;
  fileName: string;
  bytes: number;
}

export async function createUpload(db: Database, upload: NewUpload): Promise<void> {
  await db.insertInto('upload').values(upload).execute();
}

export async function findUpload(db: Database, id: string): Promise<UploadRow | undefined> {
  return await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst();
}

/** An upload that its sender gave up is forgotten. */
export async function deleteUpload(db: Database, id: string): Promise<void> {
  await db.deleteFrom('upload').where('id', '=', id).where('status', '=', 'receiving').execute();
}

/** Newest first. A duplicate brought bytes that were a slide before it came, or that another upload had just brought. */
export async function listUploads(db: Database, limit: number) {
  return await db
    .selectFrom('upload')
    .leftJoin('slide', 'slide.id', 'upload.slideId')
    .selectAll('upload')
    .select((eb) =>
      eb
        .or([
          eb('slide.createdAt', '<', eb.ref('upload.createdAt')),
          eb.exists(
            eb
              .selectFrom('upload as other')
              .select('other.id')
              .whereRef('other.slideId', '=', 'upload.slideId')
              .whereRef('other.id', '<>', 'upload.id')
              .where(sql<boolean>`(other.ended_at, other.id) < (upload.ended_at, upload.id)`),
          ),
        ])
        .as('duplicate'),
    )
    .orderBy('upload.createdAt', 'desc')
    .orderBy('upload.id')
    .limit(limit)
    .execute();
}

/** All bytes are here: hands the file to ingest. Doing it again changes nothing. */
export async function finishUpload(db: Database, id: string, path: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const upload = await tx.selectFrom('upload').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (!upload || (upload.status !== 'receiving' && upload.status !== 'reading')) return;
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
            .where(sql<boolean>`run.config->>'uploadId' = upload.id`),
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
