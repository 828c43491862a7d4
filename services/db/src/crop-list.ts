import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { Database } from './client.ts';
import { isSelected } from './crop-selection.ts';

export async function findCropSet(db: Database, id: number) {
  return await db
    .selectFrom('cropSet')
    .select([
      'id',
      'slideId',
      'mpp',
      'sizePx',
      'stridePx',
      'size0X',
      'size0Y',
      'effectiveMppX',
      'effectiveMppY',
      'status',
      'cropCount',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Where the selected crops of a crop set lie, in the order of ix: at most some 10^5 rows a slide. */
export async function cropPlaces(db: Database, cropSetId: number, selection: CropSelection = {}) {
  return await db
    .selectFrom('crop')
    .select(['ix', 'x0', 'y0', 'tissueFraction'])
    .where('cropSetId', '=', cropSetId)
    .where(isSelected(selection))
    .orderBy('ix')
    .execute();
}

/** The slides that these crops were cut from, by crop set; crop sets without such a crop are left out. */
export async function slidesOfCrops(
  db: Database,
  crops: readonly { cropSetId: number; ix: number }[],
): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('crop')
    .innerJoin('cropSet', 'cropSet.id', 'crop.cropSetId')
    .select(['crop.cropSetId', 'crop.ix', 'cropSet.slideId'])
    .where((where) =>
      where.or(crops.map(({ cropSetId, ix }) => where.and({ 'crop.cropSetId': cropSetId, 'crop.ix': ix }))),
    )
    .execute();
  return new Map(rows.map((row) => [`${row.cropSetId}:${row.ix}`, row.slideId]));
}
