import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { selectionText } from '@stroma/core/crop-numbers';
import type { NotNull, Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { cropsAreStale } from './crop-sets.ts';
import type { DB } from './schema.ts';

export interface NewCohort {
  name: string;
  classes: string[];
  foldCount: number;
  seed: number;
  createdBy: string;
  patients: { patientId: string; fold: number }[];
  slides: { slideId: string; patientId: string; label: number | null; site: string | null }[];
}

/** Undefined when a cohort of this name exists. */
export async function createCohort(tx: Transaction<DB>, cohort: NewCohort): Promise<number | undefined> {
  const { patients, slides, ...row } = cohort;
  const created = await tx
    .insertInto('cohort')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!created) return undefined;
  // Arrays instead of value lists: a cohort of 10^5 slides would need more parameters than a statement can have.
  await sql`insert into cohort_patient (cohort_id, patient_id, fold)
    select ${created.id}, patient_id, fold
    from unnest(${patients.map((patient) => patient.patientId)}::text[], ${patients.map((patient) => patient.fold)}::int[])
      as dealt (patient_id, fold)`.execute(tx);
  await sql`insert into cohort_slide (cohort_id, slide_id, patient_id, label, site)
    select ${created.id}, slide_id, patient_id, label, site
    from unnest(${slides.map((slide) => slide.slideId)}::uuid[], ${slides.map((slide) => slide.patientId)}::text[],
      ${slides.map((slide) => slide.label)}::int[], ${slides.map((slide) => slide.site)}::text[])
      as member (slide_id, patient_id, label, site)`.execute(tx);
  return created.id;
}

export async function cohortNameTaken(db: Database | Transaction<DB>, name: string): Promise<boolean> {
  return (await db.selectFrom('cohort').select('id').where('name', '=', name).executeTakeFirst()) !== undefined;
}

/** Cohorts besides this one that hold these slides, other files of them, or patients of the same name. */
export async function cohortOverlaps(
  db: Database,
  { slideIds, patientIds }: { slideIds: readonly string[]; patientIds: readonly string[] },
  ownId: number | null = null,
) {
  const { rows } = await sql<{ cohortId: number; name: string; slides: number; twins: number; patients: number }>`
    with given as (select id from unnest(${slideIds}::uuid[]) as id),
      twin as (
        select distinct slide_id from slide_duplicate
        where twin_id in (select id from given) and slide_id not in (select id from given)),
      person as (select id from unnest(${patientIds}::text[]) as id)
    select cohort.id as "cohortId", cohort.name, count(given.id) as slides, count(twin.slide_id) as twins,
      count(distinct person.id) as patients
    from cohort join cohort_slide on cohort_id = cohort.id
      left join given on given.id = cohort_slide.slide_id
      left join twin on twin.slide_id = cohort_slide.slide_id
      left join person on person.id = cohort_slide.patient_id
    where (given.id is not null or twin.slide_id is not null or person.id is not null)
      and cohort.id is distinct from ${ownId}::int
    group by cohort.id, cohort.name order by cohort.id desc`.execute(db);
  return rows;
}

/** What labels are matched against. */
export async function slideNames(db: Database | Transaction<DB>): Promise<{ id: string; name: string }[]> {
  return await db.selectFrom('slide').select(['id', 'name']).orderBy('name').orderBy('id').execute();
}

function cohortColumns(db: Database) {
  return db
    .selectFrom('cohort')
    .select(['cohort.id', 'cohort.name', 'cohort.classes', 'cohort.foldCount', 'cohort.seed', 'cohort.createdAt'])
    .select('cohort.cropSelection')
    .select((eb) => [
      eb
        .selectFrom('cohortSlide')
        .select((count) => count.fn.countAll<number>().as('n'))
        .whereRef('cohortSlide.cohortId', '=', 'cohort.id')
        .as('slideCount'),
      eb
        .selectFrom('cohortPatient')
        .select((count) => count.fn.countAll<number>().as('n'))
        .whereRef('cohortPatient.cohortId', '=', 'cohort.id')
        .as('patientCount'),
      eb
        .selectFrom('job')
        .select((count) => count.fn.countAll<number>().as('n'))
        .whereRef('job.cohortId', '=', 'cohort.id')
        .as('jobCount'),
    ])
    .$narrowType<{ slideCount: NotNull; patientCount: NotNull; jobCount: NotNull }>();
}

export async function listCohorts(db: Database) {
  return await cohortColumns(db).orderBy('cohort.id', 'desc').execute();
}

export async function findCohort(db: Database, id: number) {
  return await cohortColumns(db).where('cohort.id', '=', id).executeTakeFirst();
}

export type CohortRow = NonNullable<Awaited<ReturnType<typeof findCohort>>>;

export async function cohortSlides(db: Database | Transaction<DB>, cohortId: number) {
  return await db
    .selectFrom('cohortSlide')
    .innerJoin('slide', 'slide.id', 'cohortSlide.slideId')
    .innerJoin('cohortPatient', (join) =>
      join
        .onRef('cohortPatient.cohortId', '=', 'cohortSlide.cohortId')
        .onRef('cohortPatient.patientId', '=', 'cohortSlide.patientId'),
    )
    .select(['slide.id as slideId', 'slide.name', 'slide.mppX', 'slide.mppY', 'slide.scaleState'])
    .select(['cohortSlide.patientId', 'cohortSlide.label', 'cohortSlide.site', 'cohortPatient.fold'])
    .where('cohortSlide.cohortId', '=', cohortId)
    .orderBy('slide.name')
    .orderBy('slide.id')
    .execute();
}

/** Cut crops of a cohort by grid, of each slide the newest ready crop set that is not stale. */
export async function cohortCropCounts(db: Database, cohortId: number) {
  const newest = db
    .selectFrom('cropSet')
    .innerJoin('cohortSlide', 'cohortSlide.slideId', 'cropSet.slideId')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .distinctOn(['cropSet.slideId', 'cropSet.mpp', 'cropSet.sizePx', 'cropSet.stridePx'])
    .select(['cropSet.slideId', 'cropSet.mpp', 'cropSet.sizePx', 'cropSet.stridePx', 'cropSet.cropCount'])
    .where('cohortSlide.cohortId', '=', cohortId)
    .where('cropSet.status', '=', 'ready')
    .where(cropsAreStale, '=', false)
    .orderBy('cropSet.slideId')
    .orderBy('cropSet.mpp')
    .orderBy('cropSet.sizePx')
    .orderBy('cropSet.stridePx')
    .orderBy('cropSet.id', 'desc');
  return await db
    .selectFrom(newest.as('newest'))
    .select(['mpp', 'sizePx', 'stridePx'])
    .select((eb) => [
      eb.fn.countAll<number>().as('slides'),
      sql<number>`coalesce(sum(newest.crop_count), 0)::bigint`.as('crops'),
    ])
    .groupBy(['mpp', 'sizePx', 'stridePx'])
    .orderBy('mpp')
    .orderBy('sizePx')
    .orderBy('stridePx')
    .execute();
}

export async function selectionOfCohort(db: Database | Transaction<DB>, cohortId: number): Promise<CropSelection> {
  const row = await db
    .selectFrom('cohort')
    .select('cropSelection')
    .where('id', '=', cohortId)
    .executeTakeFirstOrThrow();
  return row.cropSelection as CropSelection;
}

/** False when there is no such cohort. Jobs that have begun keep the selection they began with. */
export async function setCropSelection(
  tx: Transaction<DB>,
  cohortId: number,
  selection: CropSelection,
): Promise<boolean> {
  const changed = await tx
    .updateTable('cohort')
    .set({ cropSelection: selectionText(selection) })
    .where('id', '=', cohortId)
    .returning('id')
    .executeTakeFirst();
  return changed !== undefined;
}

export async function isMember(db: Database, cohortId: number, slideId: string): Promise<boolean> {
  const row = await db
    .selectFrom('cohortSlide')
    .select('slideId')
    .where('cohortId', '=', cohortId)
    .where('slideId', '=', slideId)
    .executeTakeFirst();
  return row !== undefined;
}
