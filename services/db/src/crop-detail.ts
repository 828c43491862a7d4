import type { Database } from './client.ts';
import { type Box0, cropsInBox } from './crops-in-box.ts';

/** One crop with its numbers, and whose it is; undefined when there is no such crop. */
export async function findCropDetail(db: Database, cropSetId: number, ix: number) {
  return await db
    .selectFrom('crop')
    .innerJoin('cropSet', 'cropSet.id', 'crop.cropSetId')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .select(['crop.x0', 'crop.y0', 'crop.tissueFraction', 'crop.sharpness', 'crop.pen', 'crop.fold'])
    .select(['crop.saturation', 'crop.darkness', 'crop.cropSetId', 'cropSet.slideId', 'slide.name as slideName'])
    .select(['cropSet.mpp', 'cropSet.sizePx', 'cropSet.stridePx', 'cropSet.size0X', 'cropSet.size0Y'])
    .select(['cropSet.effectiveMppX', 'cropSet.effectiveMppY'])
    .where('crop.cropSetId', '=', cropSetId)
    .where('crop.ix', '=', ix)
    .executeTakeFirst();
}

export interface CropNeighbour {
  ix: number;
  /** −1, 0 or 1 strides from the crop. */
  column: number;
  row: number;
  x0: number;
  y0: number;
}

/** Crops of the same set one stride away, diagonally too: at most eight, row by row. */
export async function cropNeighbours(
  db: Database,
  crop: { cropSetId: number; ix: number; x0: number; y0: number; stride0X: number; stride0Y: number },
): Promise<CropNeighbour[]> {
  // Places are rounded to whole px: a px more on each side loses none, and a second stride is far away.
  const box: Box0 = {
    x0: crop.x0 - crop.stride0X - 1,
    y0: crop.y0 - crop.stride0Y - 1,
    width0: 2 * crop.stride0X + 2,
    height0: 2 * crop.stride0Y + 2,
  };
  // Sides of 0: only top-left corners are looked at.
  const { crops } = await cropsInBox(db, { cropSetId: crop.cropSetId, size0X: 0, size0Y: 0, box, limit: 9 });
  return crops
    .filter(({ ix }) => ix !== crop.ix)
    .map(({ ix, x0, y0 }) => ({
      ...{ ix, x0, y0 },
      column: Math.round((x0 - crop.x0) / crop.stride0X),
      row: Math.round((y0 - crop.y0) / crop.stride0Y),
    }));
}
