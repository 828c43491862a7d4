import type { Database } from './client.ts';

/** Slides that stand under the same patient in some cohort, each once, with the newest such cohort. */
export async function samePatient(db: Database, slideId: string) {
  return await db
    .selectFrom('cohortSlide as own')
    .innerJoin('cohortSlide as other', (join) =>
      join.onRef('other.cohortId', '=', 'own.cohortId').onRef('other.patientId', '=', 'own.patientId'),
    )
    .innerJoin('slide', 'slide.id', 'other.slideId')
    .innerJoin('cohort', 'cohort.id', 'own.cohortId')
    .distinctOn(['slide.name', 'slide.id'])
    .select(['slide.id as slideId', 'slide.name', 'slide.mppX', 'slide.mppY'])
    .select(['own.patientId', 'cohort.name as cohortName'])
    .where('own.slideId', '=', slideId)
    .where('other.slideId', '<>', slideId)
    .orderBy('slide.name')
    .orderBy('slide.id')
    .orderBy('cohort.id', 'desc')
    .execute();
}
