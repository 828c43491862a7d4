import type { Problem } from '@stroma/core/errors';
import { sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import type { DB } from './schema.ts';

export interface NewSlideLevel {
  level: number;
  ifd: number;
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  compression: string;
  /** Level-0 px per level px. */
  downsampleX: number;
  downsampleY: number;
}

export interface NewSlide {
  id: string;
  sha256: string;
  name: string;
  bytes: number;
  objectKey: string;
  thumbnailKey: string;
  reader: string;
  format: string;
  vendor: string | null;
  objective: number | null;
  mppDeclared: number | null;
  mppDerived: number | null;
  quirks: string[];
  /** Finest first. */
  levels: NewSlideLevel[];
}

/**
 * Makes the same bytes wait for each other until the transaction ends: between asking for a slide by its hash and
 * inserting it nobody else can, nor take its file away.
 */
export async function lockSlideBytes(trx: Transaction<DB>, sha256: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${sha256}, 0))`.execute(trx);
}

export async function findSlideBySha256(db: Database | Transaction<DB>, sha256: string) {
  return await db.selectFrom('slide').select(['id', 'objectKey']).where('sha256', '=', sha256).executeTakeFirst();
}

export async function insertSlide(trx: Transaction<DB>, { levels, ...slide }: NewSlide): Promise<void> {
  const finest = levels[0];
  if (!finest) throw new RangeError('a slide has at least one level');
  await trx
    .insertInto('slide')
    .values({ ...slide, width0: finest.width, height0: finest.height })
    .execute();
  await trx
    .insertInto('slideLevel')
    .values(levels.map((level) => ({ slideId: slide.id, ...level })))
    .execute();
}

/** The upload is done: its bytes are this slide, new or known before. */
export async function registerUpload(
  trx: Transaction<DB>,
  uploadId: string,
  runId: number,
  slideId: string,
): Promise<void> {
  await trx.updateTable('run').set({ slideId }).where('id', '=', runId).execute();
  await trx
    .updateTable('upload')
    .set({ status: 'registered', slideId, refusal: null, endedAt: sql<Date>`now()` })
    .where('id', '=', uploadId)
    .execute();
}

/** The upload is done: its bytes are not a slide, and this is why. */
export async function refuseUpload(trx: Transaction<DB>, uploadId: string, problem: Problem): Promise<void> {
  await trx
    .updateTable('upload')
    .set({ status: 'refused', refusal: JSON.stringify(problem), endedAt: sql<Date>`now()` })
    .where('id', '=', uploadId)
    .execute();
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
    .execute();
  return rows.map((row) => row.path);
}
