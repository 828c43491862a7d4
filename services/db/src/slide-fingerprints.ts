import { sql, type Transaction } from 'kysely';
import type { DB } from './schema.ts';

export interface SlideFingerprint {
  /** SHA-256 of the decoded pixels of some levels. */
  pixels: { level: number; sha256: string }[];
  /** Perceptual hash of the overview with its turns and mirrors, the upright one first; empty when it is too plain. */
  pictures: bigint[];
  /** Longer over shorter side of level 0. */
  aspect: number;
}

/** Overviews that differ in at most so many of 63 bits look alike: copies differ in up to 5, other slides in 12 and more. */
const alikeBits = 6;
/** Twins have the same shape within this share; a container may pad or crop a few px. */
const aspectShare = 0.03;
/** Of hundreds of look-alikes the nearest say enough. */
const mostAlike = 50;
const lockKey = 'stroma: slide duplicates';

/**
 * Stores a slide's fingerprint and finds its twins among all slides. Slides wait for each other here, so that of two
 * that are registered at the same moment the later one finds the earlier.
 */
export async function addFingerprint(
  trx: Transaction<DB>,
  slideId: string,
  { pixels, pictures, aspect }: SlideFingerprint,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${lockKey}, 0))`.execute(trx);
  const bits = pictures.map((picture) => picture.toString(2).padStart(64, '0'));
  await sql`insert into slide_fingerprint (slide_id, picture, aspect)
    values (${slideId}, ${bits[0] ?? null}::bit(64), ${aspect})`.execute(trx);
  if (pixels.length > 0) {
    await trx
      .insertInto('slidePixelHash')
      .values(pixels.map((hash) => ({ slideId, ...hash })))
      .execute();
  }
  await sql`insert into slide_duplicate (slide_id, twin_id, kind, distance)
    select distinct twin.slide_id, ${slideId}::uuid, 'pixels', 0
    from slide_pixel_hash own join slide_pixel_hash twin using (sha256)
    where own.slide_id = ${slideId} and twin.slide_id <> ${slideId}`.execute(trx);
  if (bits.length > 0) await addAlike(trx, slideId, bits, aspect);
  await sql`insert into slide_duplicate (slide_id, twin_id, kind, distance)
    select twin_id, slide_id, kind, distance from slide_duplicate where twin_id = ${slideId}`.execute(trx);
}

async function addAlike(trx: Transaction<DB>, slideId: string, bits: readonly string[], aspect: number): Promise<void> {
  const differing = bits.map((variant) => sql`bit_count(picture # ${variant}::bit(64))`);
  await sql`insert into slide_duplicate (slide_id, twin_id, kind, distance)
    select slide_id, ${slideId}::uuid, 'picture', distance
    from slide_fingerprint, lateral (select least(${sql.join(differing)}) as distance offset 0) as compared
    where aspect between ${aspect / (1 + aspectShare)} and ${aspect * (1 + aspectShare)}
      and slide_id <> ${slideId} and distance <= ${alikeBits}
    order by distance limit ${mostAlike}
    on conflict (slide_id, twin_id) do nothing`.execute(trx);
}
