import type { Database } from './client.ts';

export async function findCropSet(db: Database, id: number) {
  return await db
    .selectFrom('cropSet')
    .select([
      'id',
      'slideId',
      'mpp',
      'sizePx',
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

/** Where the crops of a crop set lie, in the order of ix: at most some 10^5 rows a slide. */
export async function cropPlaces(db: Database, cropSetId: number) {
  return await db
    .selectFrom('crop')
    .select(['ix', 'x0', 'y0', 'tissueFraction'])
    .where('cropSetId', '=', cropSetId)
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
