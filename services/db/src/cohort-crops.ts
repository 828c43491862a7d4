import { createHash } from 'node:crypto';
import { type CropRecipe, cropRecipe, recipeText } from '@stroma/core/contract/crop-recipe';
import { StromaError } from '@stroma/core/errors';
import { sql } from 'kysely';
import type { Connection, Database } from './client.ts';

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
  size0: number;
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
      'cropSet.size0',
      'cropSet.cropCount',
      'cropSet.recipe',
    ])
    .where('cohortSlide.cohortId', '=', cohortId)
    .where('cropSet.mpp', '=', mpp)
    .where('cropSet.status', '=', 'ready')
    .orderBy('cohortSlide.slideId')
    .orderBy(sql`crop_set.recipe_hash = ${current} desc`)
    .orderBy('cropSet.id', 'desc')
    .execute();
  return rows
    .map((row) => ({
      ...row,
      size0: row.size0 ?? 0,
      cropCount: row.cropCount ?? 0,
      recipe: row.recipe as unknown as CropRecipe,
    }))
    .sort((a, b) => a.cropSetId - b.cropSetId);
}

export interface StoredCrop {
  ix: number;
  x0: number;
  y0: number;
  tissueFraction: number;
  shardIx: number;
  byteOffset: number;
  byteLength: number;
}

/** Crops of a crop set in the order of ix, by a cursor: a slide may have 10^5 of them, a cohort 10^7. */
export async function* cropsOf(
  connection: Connection,
  cropSetId: number,
  batch = 10_000,
): AsyncGenerator<StoredCrop[]> {
  const client = await connection.pool.connect();
  let whole = false;
  try {
    await client.query('begin read only');
    await client.query({
      text: `declare crops no scroll cursor for
        select ix, x0, y0, tissue_fraction as "tissueFraction", shard_ix as "shardIx",
          byte_offset as "byteOffset", byte_length as "byteLength"
        from crop where crop_set_id = $1 order by ix`,
      values: [cropSetId],
    });
    for (;;) {
      const { rows } = await client.query<StoredCrop>(`fetch ${batch} from crops`);
      if (rows.length === 0) break;
      yield rows;
    }
    await client.query('commit');
    whole = true;
  } finally {
    // A reader that stopped early leaves an open transaction: that connection is closed, not given back.
    client.release(!whole);
  }
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

export interface StoredShard {
  ix: number;
  objectKey: string;
  sha256: string;
  bytes: number;
  cropCount: number;
}

export async function shardsOf(db: Database, cropSetId: number): Promise<StoredShard[]> {
  return await db
    .selectFrom('shard')
    .select(['ix', 'objectKey', 'sha256', 'bytes', 'cropCount'])
    .where('cropSetId', '=', cropSetId)
    .orderBy('ix')
    .execute();
}

/** Refuses a cohort without a single crop: nothing could be trained or embedded. */
export function requireCrops(sets: readonly CohortCropSet[], cohortId: number, mpp: number): void {
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

export async function cohortOf(db: Database, cohortId: number) {
  return await db.selectFrom('cohort').selectAll().where('id', '=', cohortId).executeTakeFirstOrThrow();
}
