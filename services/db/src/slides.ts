import type { Problem } from '@stroma/core/errors';
import type { PixelSpacing } from '@stroma/core/units';
import { sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import { type Lease, succeed } from './runs.ts';
import type { DB } from './schema.ts';
import { type SlideIdentifier, storeIdentifiers } from './slide-identifiers.ts';

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
  mppDeclared: PixelSpacing | null;
  mppDerived: PixelSpacing | null;
  quirks: string[];
  /** What its file says that identifies somebody or something. */
  identifiers: SlideIdentifier[];
  /** Finest first. */
  levels: NewSlideLevel[];
}

export async function findSlideBySha256(db: Database | Transaction<DB>, sha256: string) {
  return await db.selectFrom('slide').select(['id', 'objectKey']).where('sha256', '=', sha256).executeTakeFirst();
}

export interface ReadUpload {
  uploadId: string;
  sha256: string;
  /** Puts the slide's files into the store and says what its row shall hold; asked only when the bytes are new. */
  newSlide(): Promise<NewSlide>;
}

/**
 * Ends an upload's run: its bytes are a slide, new or known before. The same bytes wait for each other, so that between
 * asking for a slide by its hash and inserting it nobody else can.
 */
export async function registerUpload(
  db: Database,
  lease: Lease,
  { uploadId, sha256, newSlide }: ReadUpload,
): Promise<{ slideId: string; duplicate: boolean }> {
  return await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${sha256}, 0))`.execute(trx);
    const twin = await findSlideBySha256(trx, sha256);
    const slideId = twin?.id ?? (await insertSlide(trx, await newSlide()));
    await trx.updateTable('run').set({ slideId }).where('id', '=', lease.runId).execute();
    await trx
      .updateTable('upload')
      .set({ status: 'registered', slideId, refusal: null, endedAt: sql<Date>`now()` })
      .where('id', '=', uploadId)
      .execute();
    const result = { slideId, duplicate: twin !== undefined };
    await succeed(trx, lease, { ...result, sha256 });
    return result;
  });
}

async function insertSlide(
  trx: Transaction<DB>,
  { levels, identifiers, mppDeclared, mppDerived, ...slide }: NewSlide,
): Promise<string> {
  const finest = levels[0];
  if (!finest) throw new RangeError('a slide has at least one level');
  await trx
    .insertInto('slide')
    .values({
      ...slide,
      width0: finest.width,
      height0: finest.height,
      mppDeclaredX: mppDeclared?.x ?? null,
      mppDeclaredY: mppDeclared?.y ?? null,
      mppDerivedX: mppDerived?.x ?? null,
      mppDerivedY: mppDerived?.y ?? null,
    })
    .execute();
  await trx
    .insertInto('slideLevel')
    .values(levels.map((level) => ({ slideId: slide.id, ...level })))
    .execute();
  await storeIdentifiers(trx, slide.id, identifiers);
  return slide.id;
}

/** Ends an upload's run: its bytes are not a slide, and this is why. A refusal is an answer, not a failure. */
export async function refuseUpload(db: Database, lease: Lease, uploadId: string, problem: Problem): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('upload')
      .set({ status: 'refused', refusal: JSON.stringify(problem), endedAt: sql<Date>`now()` })
      .where('id', '=', uploadId)
      .execute();
    await succeed(trx, lease, { refused: problem.code });
  });
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
