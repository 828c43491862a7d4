import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { type Database, sql } from './client.ts';
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

/** The same places as bytes, int32 after int32, little-endian: 10^5 rows cost a tenth of the time. */
export async function packedPlaces(db: Database, cropSetId: number, selection: CropSelection = {}) {
  const packed = await db
    .selectFrom('crop')
    .select((['ix', 'x0', 'y0'] as const).map((name) => int32s(name).as(name)))
    .where('cropSetId', '=', cropSetId)
    .where(isSelected(selection))
    .executeTakeFirstOrThrow();
  return { ix: packed.ix.swap32(), x0: packed.x0.swap32(), y0: packed.y0.swap32() };
}

const int32s = (name: string) =>
  sql<Buffer>`coalesce(string_agg(int4send(${sql.ref(name)}), ''::bytea order by ix), ''::bytea)`;

/** Crops by their ids with the slides they lie on; those that do not exist are left out. */
export async function placesOfCrops(db: Database, crops: readonly { cropSetId: number; ix: number }[]) {
  const rows = await db
    .selectFrom('crop')
    .innerJoin('cropSet', 'cropSet.id', 'crop.cropSetId')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .select(['crop.cropSetId', 'crop.ix', 'crop.x0', 'crop.y0', 'cropSet.size0X', 'cropSet.size0Y'])
    .select(['slide.id as slideId', 'slide.name as slideName'])
    .where((where) =>
      where.or(crops.map(({ cropSetId, ix }) => where.and({ 'crop.cropSetId': cropSetId, 'crop.ix': ix }))),
    )
    .execute();
  return rows.map(({ cropSetId, ix, size0X, size0Y, ...row }) => {
    return { ...row, cropId: `${cropSetId}:${ix}`, size0X: size0X ?? 0, size0Y: size0Y ?? 0 };
  });
}
