import type { PixelSpacing } from '@stroma/core/units';
import { sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import { requireHeld } from './fenced.ts';
import { requestGradings } from './gradings.ts';
import type { Lease } from './runs.ts';
import type { DB } from './schema.ts';
import { addFingerprint, type SlideFingerprint } from './slide-fingerprints.ts';
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
  /** What its files say that identifies somebody or something. */
  identifiers: SlideIdentifier[];
  seriesUid: string | null;
  fingerprint: SlideFingerprint;
  /** Finest first. */
  levels: NewSlideLevel[];
  files: NewSlideFile[];
}

export async function findSlideBySha256(db: Database | Transaction<DB>, sha256: string) {
  return await db.selectFrom('slide').select(['id', 'createdAt']).where('sha256', '=', sha256).executeTakeFirst();
}

export interface NewSlideFile {
  path: string;
  objectKey: string;
  sha256: string;
  bytes: number;
  role: 'entry' | 'data' | 'label' | 'overview' | 'thumbnail';
}

export interface SlideToRegister {
  sha256: string;
  /** Puts the slide's files into the store and says what its row shall hold; asked only when the content is new. */
  newSlide(): Promise<NewSlide>;
  /** An earlier slide of the same series with fewer files: the new one takes its place. */
  replaces?: string | undefined;
}

/**
 * Makes a slide of its files, or finds the one of the same content. The same content waits for each other, so that
 * between asking for a slide by its hash and inserting it nobody else can. Done twice it changes nothing.
 * knownSince: null when this call made the slide.
 */
export async function registerSlide(
  db: Database,
  lease: Lease,
  { sha256, newSlide, replaces }: SlideToRegister,
): Promise<{ slideId: string; knownSince: Date | null }> {
  return await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${sha256}, 0))`.execute(trx);
    const twin = await findSlideBySha256(trx, sha256);
    const slideId = twin?.id ?? (await insertSlide(trx, await newSlide()));
    if (replaces) await replaceSlide(trx, replaces, slideId);
    if (!twin) await requestGradings(trx, [slideId]);
    await requireHeld(trx, lease);
    return { slideId, knownSince: twin?.createdAt ?? null };
  });
}

/** What was found in uploads as the earlier slide is the later one now, and so is the scale that a person set. */
async function replaceSlide(trx: Transaction<DB>, earlier: string, later: string): Promise<void> {
  const person = await trx
    .selectFrom('slide')
    .select(['scaleChoice', 'mppUserX', 'mppUserY'])
    .where('id', '=', earlier)
    .forUpdate()
    .executeTakeFirst();
  for (const table of ['upload', 'uploadFinding', 'run'] as const) {
    await trx.updateTable(table).set({ slideId: later }).where('slideId', '=', earlier).execute();
  }
  if (person?.scaleChoice === 'user') await trx.updateTable('slide').set(person).where('id', '=', later).execute();
  await trx.deleteFrom('slide').where('id', '=', earlier).execute();
}

async function insertSlide(
  trx: Transaction<DB>,
  { levels, files, identifiers, fingerprint, mppDeclared, mppDerived, ...slide }: NewSlide,
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
  await trx
    .insertInto('slideFile')
    .values(files.map((file) => ({ slideId: slide.id, ...file })))
    .execute();
  await addFingerprint(trx, slide.id, fingerprint);
  return slide.id;
}
