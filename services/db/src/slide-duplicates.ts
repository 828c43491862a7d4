import { sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import type { DB } from './schema.ts';

/** Possible twins of a slide; equal pixels first, then the nearest pictures. */
export async function slideDuplicates(db: Database, slideId: string) {
  return await db
    .selectFrom('slideDuplicate')
    .innerJoin('slide', 'slide.id', 'slideDuplicate.twinId')
    .select(['slide.id as slideId', 'slide.name', 'slide.format', 'slide.bytes', 'slide.width0', 'slide.height0'])
    .select(['slide.mppX', 'slide.mppY', 'slide.createdAt', 'slideDuplicate.kind', 'slideDuplicate.distance'])
    .where('slideDuplicate.slideId', '=', slideId)
    .orderBy('slideDuplicate.kind', 'desc')
    // pixels before picture.
    .orderBy('slideDuplicate.kind', 'desc')
    .orderBy('slideDuplicate.distance')
    .orderBy('slide.name')
    .execute();
}

/** In which cohorts these slides are, and as whose. */
export async function cohortsOfSlides(db: Database, slideIds: readonly string[]) {
  return await db
    .selectFrom('cohortSlide')
    .innerJoin('cohort', 'cohort.id', 'cohortSlide.cohortId')
    .select(['cohortSlide.slideId', 'cohort.id', 'cohort.name', 'cohortSlide.patientId'])
    .where('cohortSlide.slideId', '=', sql<string>`any(${slideIds}::uuid[])`)
    .orderBy('cohort.id')
    .execute();
}

export interface DuplicatePair {
  a: string;
  b: string;
  kind: string;
  distance: number;
}

/** All pairs of possible twins, each once; what a cohort's members are looked up in. */
export async function duplicatePairs(db: Database | Transaction<DB>): Promise<DuplicatePair[]> {
  return await db
    .selectFrom('slideDuplicate')
    .select(['slideId as a', 'twinId as b', 'kind', 'distance'])
    .whereRef('slideId', '<', 'twinId')
    .orderBy('slideId')
    .orderBy('twinId')
    .execute();
}

/** Possible twins of a slide of the list. */
export const duplicateCount = sql<number>`(select count(*)::int from slide_duplicate where slide_id = slide.id)`;
export const hasDuplicates = sql<boolean>`exists (select from slide_duplicate where slide_id = slide.id)`;
