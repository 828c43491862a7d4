import { createHash } from 'node:crypto';
import { type CropRecipe, cropRecipe, recipeText } from '@stroma/core/contract/crop-recipe';
import { StromaError } from '@stroma/core/errors';
import { sql } from 'kysely';
import type { Database } from './client.ts';
import { cropsAreStale } from './crop-sets.ts';

/** A slide of a cohort with its crops at one mpp. */
export interface CohortCropSet {
  cropSetId: number;
  slideId: string;
  slideName: string;
  slideSha256: string;
  patientId: string;
  label: number | null;
  fold: number;
  mpp: number;
  sizePx: number;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
  /** Cut at a scale that the slide no longer has. */
  stale: boolean;
  cropCount: number;
  recipe: CropRecipe;
}

/**
 * Ready crop sets of a cohort at one mpp, one a slide, in the order of their ids. Where a slide has several, the one
 * of the present recipe is taken, else the newest.
 */
export async function cohortCropSets(db: Database, cohortId: number, mpp: number): Promise<CohortCropSet[]> {
  const current = createHash('sha256')
    .update(recipeText(cropRecipe(mpp)))
    .digest('hex');
  const rows = await db
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
      'cropSet.cropCount',
      'cropSet.recipe',
    ])
    .where('cohortSlide.cohortId', '=', cohortId)
    .where('cropSet.mpp', '=', mpp)
    .select(cropsAreStale.as('stale'))
    .where('cropSet.status', '=', 'ready')
    .where('cropSet.superseded', '=', false)
    .orderBy('cohortSlide.slideId')
    .orderBy(sql`crop_set.recipe_hash = ${current} desc`)
    .orderBy('cropSet.id', 'desc')
    .execute();
  return rows
    .map((row) => ({
      ...row,
      size0X: row.size0X ?? 0,
      size0Y: row.size0Y ?? 0,
      cropCount: row.cropCount ?? 0,
      recipe: row.recipe as unknown as CropRecipe,
    }))
    .sort((a, b) => a.cropSetId - b.cropSetId);
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
export function requireCrops(sets: readonly CohortCropSet[], cohortId: number, mpp: number): void {
  const stale = sets.filter((set) => set.stale);
  if (stale.length > 0) throw staleCrops(stale, cohortId);
  if (sets.some((set) => set.cropCount > 0)) return;
  throw new StromaError({
    code: 'cohort.no_crops',
    message: 'The cohort has no crops at the job’s resolution.',
    expected: `at least one slide with tissue cut at ${mpp} µm/px`,
    found: `${sets.length} ready crop sets, all empty`,
    where: `cohort ${cohortId}`,
    remedy: 'Look at the slides’ tiling, or choose another resolution.',
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
