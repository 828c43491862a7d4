import { createHash } from 'node:crypto';
import { type CropRecipe, cropRecipe, recipeText } from '@stroma/core/contract/crop-recipe';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import { sql } from 'kysely';
import type { Database } from './client.ts';
import { isSelected } from './crop-selection.ts';
import { cropsAreStale } from './crop-sets.ts';

/** Which crops of a cohort are used: one grid at one mpp, and a selection of what was cut. */
export interface UsedCrops {
  cohortId: number;
  mpp: number;
  sizePx: number;
  stridePx: number;
  selection: CropSelection;
}

/** What a job trains on and grades. */
export function usedCrops(job: Omit<UsedCrops, 'selection'> & { cropSelection: unknown }): UsedCrops {
  const { cohortId, mpp, sizePx, stridePx } = job;
  return { cohortId, mpp, sizePx, stridePx, selection: job.cropSelection as CropSelection };
}

/** A slide with its crops of one grid. */
export interface UsedCropSet {
  cropSetId: number;
  slideId: string;
  slideName: string;
  slideSha256: string;
  mpp: number;
  sizePx: number;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
  /** Cut at a scale that the slide no longer has. */
  stale: boolean;
  /** Crops that were cut; those of them that are selected. */
  cutCount: number;
  cropCount: number;
  recipe: CropRecipe;
  selection: CropSelection;
}

/** One of a cohort's. */
export interface CohortCropSet extends UsedCropSet {
  patientId: string;
  label: number | null;
  fold: number;
}

/**
 * Ready crop sets of a cohort, one a slide, in the order of their ids. Where a slide has several of the same grid, the one
 * of the present recipe is taken, else the newest.
 */
export async function cohortCropSets(db: Database, used: UsedCrops): Promise<CohortCropSet[]> {
  const rows = await chosenCropSets(db, used).execute();
  const ids = rows.map((row) => row.cropSetId);
  const counts = await db
    .selectFrom('crop')
    .select(['cropSetId'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('cropSetId', '=', sql<number>`any(${ids}::int[])`)
    .where(isSelected(used.selection))
    .groupBy('cropSetId')
    .execute();
  const selected = new Map(counts.map(({ cropSetId, count }) => [cropSetId, count]));
  return rows
    .map((row) => ({
      ...row,
      size0X: row.size0X ?? 0,
      size0Y: row.size0Y ?? 0,
      cutCount: row.cutCount ?? 0,
      cropCount: selected.get(row.cropSetId) ?? 0,
      recipe: row.recipe as unknown as CropRecipe,
      selection: used.selection,
    }))
    .sort((a, b) => a.cropSetId - b.cropSetId);
}

export function chosenCropSets(db: Database, { cohortId, mpp, sizePx, stridePx }: Omit<UsedCrops, 'selection'>) {
  const current = createHash('sha256')
    .update(recipeText(cropRecipe(mpp, { sizePx, stridePx })))
    .digest('hex');
  return db
    .selectFrom('cohortSlide')
    .innerJoin('cohortPatient', (join) =>
      join
        .onRef('cohortPatient.cohortId', '=', 'cohortSlide.cohortId')
        .onRef('cohortPatient.patientId', '=', 'cohortSlide.patientId'),
    )
    .innerJoin('slide', 'slide.id', 'cohortSlide.slideId')
    .innerJoin('cropSet', 'cropSet.slideId', 'cohortSlide.slideId')
    .distinctOn('cohortSlide.slideId')
    .select([
      'cropSet.id as cropSetId',
      'slide.id as slideId',
      'slide.name as slideName',
      'slide.sha256 as slideSha256',
      'cohortSlide.patientId',
      'cohortSlide.label',
      'cohortPatient.fold',
      'cropSet.mpp',
      'cropSet.sizePx',
      'cropSet.size0X',
      'cropSet.size0Y',
      'cropSet.cropCount as cutCount',
      'cropSet.recipe',
    ])
    .where('cohortSlide.cohortId', '=', cohortId)
    .where('cropSet.mpp', '=', mpp)
    .where('cropSet.sizePx', '=', sizePx)
    .where('cropSet.stridePx', '=', stridePx)
    .select(cropsAreStale.as('stale'))
    .where('cropSet.status', '=', 'ready')
    .where('cropSet.superseded', '=', false)
    .orderBy('cohortSlide.slideId')
    .orderBy(sql`crop_set.recipe_hash = ${current} desc`)
    .orderBy('cropSet.id', 'desc');
}

/** Where one crop's JPEG lies; undefined when there is no such crop. */
export async function findCrop(db: Database, cropSetId: number, ix: number) {
  return await db
    .selectFrom('crop')
    .innerJoin('shard', (join) =>
      join.onRef('shard.cropSetId', '=', 'crop.cropSetId').onRef('shard.ix', '=', 'crop.shardIx'),
    )
    .innerJoin('cropSet', 'cropSet.id', 'crop.cropSetId')
    .select(['shard.objectKey', 'crop.byteOffset', 'crop.byteLength', 'cropSet.mpp', 'cropSet.slideId'])
    .where('crop.cropSetId', '=', cropSetId)
    .where('crop.ix', '=', ix)
    .executeTakeFirst();
}

/** Refuses a cohort without a single crop, and crops that are not what they are labelled any more. */
export function requireCrops(sets: readonly CohortCropSet[], { cohortId, mpp, sizePx }: UsedCrops): void {
  const stale = sets.filter((set) => set.stale);
  if (stale.length > 0) throw staleCrops(stale, cohortId);
  if (sets.some((set) => set.cropCount > 0)) return;
  const cut = sets.reduce((sum, set) => sum + set.cutCount, 0);
  throw new StromaError({
    code: 'cohort.no_crops',
    message:
      cut > 0
        ? 'The cohort’s selection leaves none of its crops.'
        : 'The cohort has no crops at the job’s resolution: no tissue was found on its slides.',
    expected: `at least one crop of ${sizePx} px at ${mpp} µm/px`,
    found: `${cut} crops cut from ${sets.length} slides, none of them used`,
    where: `cohort ${cohortId}`,
    remedy:
      cut > 0
        ? 'Loosen the selection on the cohort’s page, and start a new job.'
        : 'Look at the tissue mask on the slides’ pages, or choose another resolution.',
  });
}

function staleCrops(stale: readonly CohortCropSet[], cohortId: number): StromaError {
  return new StromaError({
    code: 'cohort.stale_crops',
    message: `The scale of ${stale.length === 1 ? '1 slide' : `${stale.length} slides`} was changed after the crops were cut.`,
    expected: 'crops cut at the slides’ present scale',
    found: stale
      .slice(0, 5)
      .map((set) => set.slideName)
      .join(', '),
    where: `cohort ${cohortId}`,
    remedy: 'Start a new job: it cuts these crops again.',
  });
}

export async function cohortOf(db: Database, cohortId: number) {
  return await db.selectFrom('cohort').selectAll().where('id', '=', cohortId).executeTakeFirstOrThrow();
}
