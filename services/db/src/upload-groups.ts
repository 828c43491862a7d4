import { createHash } from 'node:crypto';
import { StromaError } from '@stroma/core/errors';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { enqueue } from './runs.ts';
import type { DB } from './schema.ts';

/** A file of a group as its sender announced it; path is relative to what was dropped or chosen. */
export interface AnnouncedFile {
  path: string;
  bytes: number;
}

export interface NewUploadGroup {
  userId: string;
  name: string;
  files: readonly AnnouncedFile[];
}

/**
 * Opens a group, or finds the one that the same sender began with the same list and has not finished: it goes on with
 * what has come.
 */
export async function openGroup(db: Database, { userId, name, files }: NewUploadGroup): Promise<{ id: string }> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const listSha256 = createHash('sha256')
    .update(JSON.stringify(sorted.map(({ path, bytes }) => [path, bytes])))
    .digest('hex');
  const row = await db
    .insertInto('uploadGroup')
    .values({
      userId,
      name,
      listSha256,
      files: JSON.stringify(sorted),
      fileCount: sorted.length,
      bytes: sorted.reduce((sum, file) => sum + file.bytes, 0),
    })
    .onConflict((conflict) =>
      conflict.columns(['userId', 'listSha256']).where('status', '=', 'receiving').doUpdateSet({ name }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row;
}

export async function findGroup(db: Database, id: string) {
  return await db
    .selectFrom('uploadGroup')
    .select(['id', 'userId', 'name', 'status', 'fileCount', 'bytes', 'createdAt'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Files of a group that are here or on their way. */
export async function groupUploads(db: Database, groupId: string) {
  const rows = await db
    .selectFrom('upload')
    .select(['id', 'path', 'bytes', 'status'])
    .where('groupId', '=', groupId)
    .execute();
  return rows.map(({ path, ...row }) => ({ ...row, path: path ?? '' }));
}

/** What the list of a group says about a path; undefined when the path is not in it. */
export async function announcedFile(db: Database, groupId: string, path: string): Promise<AnnouncedFile | undefined> {
  const { rows } = await sql<AnnouncedFile>`
    select file->>'path' as path, (file->>'bytes')::bigint as bytes
    from upload_group, jsonb_array_elements(files) file
    where id = ${groupId} and file->>'path' = ${path}`.execute(db);
  return rows[0];
}

/** An upload of the group has all its bytes; the last one hands the group to ingest. */
export async function receiveInGroup(trx: Transaction<DB>, groupId: string, uploadId: string): Promise<void> {
  const group = await trx
    .selectFrom('uploadGroup')
    .select(['name', 'status', 'fileCount'])
    .where('id', '=', groupId)
    .forUpdate()
    .executeTakeFirst();
  if (group?.status !== 'receiving') return;
  await trx.updateTable('upload').set({ status: 'received' }).where('id', '=', uploadId).execute();
  const { received } = await trx
    .selectFrom('upload')
    .select((eb) => eb.fn.countAll<number>().as('received'))
    .where('groupId', '=', groupId)
    .where('status', '=', 'received')
    .executeTakeFirstOrThrow();
  if (received < group.fileCount) return;
  await trx.updateTable('uploadGroup').set({ status: 'reading' }).where('id', '=', groupId).execute();
  await trx.updateTable('upload').set({ status: 'reading' }).where('groupId', '=', groupId).execute();
  await enqueue(trx, { stage: 'read_slide', config: { groupId, fileName: group.name } });
}

export async function groupToRead(db: Database, id: string) {
  const group = await findGroup(db, id);
  if (!group) {
    throw new StromaError({
      code: 'upload.group_unknown',
      message: 'The group of uploads is not there any more.',
      found: id,
      remedy: 'Upload its files again.',
    });
  }
  return { name: group.name, files: await groupUploads(db, id) };
}

/** A group that its sender gave up is forgotten; answers the uploads whose files are to be deleted. */
export async function discardGroup(db: Database, id: string): Promise<string[] | undefined> {
  return await db.transaction().execute(async (trx) => {
    const group = await trx
      .selectFrom('uploadGroup')
      .select('status')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (group?.status !== 'receiving') return undefined;
    const uploads = await trx.deleteFrom('upload').where('groupId', '=', id).returning('id').execute();
    await trx.deleteFrom('uploadGroup').where('id', '=', id).execute();
    return uploads.map((upload) => upload.id);
  });
}

/** Newest first, with how much of each has come whole. */
export async function listGroups(db: Database, limit: number) {
  return await db
    .selectFrom('uploadGroup')
    .select(['id', 'userId', 'name', 'fileCount', 'bytes', 'status', 'createdAt'])
    .select((eb) => {
      const whole = eb
        .selectFrom('upload')
        .whereRef('upload.groupId', '=', 'uploadGroup.id')
        .where('upload.status', '<>', 'receiving');
      return [
        whole.select((count) => count.fn.countAll<number>().as('count')).as('receivedFiles'),
        whole.select(sql<number>`coalesce(sum(upload.bytes), 0)::bigint`.as('sum')).as('receivedBytes'),
      ];
    })
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
}
