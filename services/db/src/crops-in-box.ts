import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { type Database, sql } from './client.ts';
import { isSelected } from './crop-selection.ts';

/** A rectangle in level-0 px. */
export interface Box0 {
  x0: number;
  y0: number;
  width0: number;
  height0: number;
}

export interface CropPlace {
  ix: number;
  /** Level-0 px of the top-left corner; no two crops of a crop set have the same. */
  x0: number;
  y0: number;
  tissueFraction: number;
}

/** Where the page before ended. */
export type CropPosition = Pick<CropPlace, 'x0' | 'y0'>;

export interface BoxPage {
  cropSetId: number;
  selection?: CropSelection | undefined;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
  box: Box0;
  limit: number;
  after?: CropPosition | undefined;
}

/** Selected crops that overlap the box, row by row from the top left: the index's order, so that nothing is sorted. */
export async function cropsInBox(
  db: Database,
  { cropSetId, selection = {}, size0X, size0Y, box, limit, after }: BoxPage,
): Promise<{ crops: CropPlace[]; next: CropPosition | null }> {
  const from = after && sql`and (y0, x0) > (${after.y0}::int, ${after.x0}::int)`;
  // A column comes as one list of numbers: taking rows apart value by value would take longer than the search.
  const { rows } = await sql<Columns>`
    select json_agg(ix) as ix, json_agg(x0) as x0, json_agg(y0) as y0, json_agg(tissue_fraction) as "tissueFraction"
    from (select ix, x0, y0, tissue_fraction from crop
    where crop_set_id = ${cropSetId} and ${isSelected(selection)}
      and y0 between ${firstWholeAbove(box.y0 - size0Y)} and ${lastWholeBelow(box.y0 + box.height0)}
      and x0 between ${firstWholeAbove(box.x0 - size0X)} and ${lastWholeBelow(box.x0 + box.width0)}
      ${from ?? sql``}
    order by y0, x0 limit ${limit + 1}) as found`.execute(db.withoutPlugins());
  const { ix, x0, y0, tissueFraction } = rows[0] ?? nothing;
  const found = ix?.length ?? 0;
  const crops = Array.from({ length: Math.min(found, limit) }, (_, i) => {
    return { ix: ix?.[i] ?? 0, x0: x0?.[i] ?? 0, y0: y0?.[i] ?? 0, tissueFraction: tissueFraction?.[i] ?? 0 };
  });
  const last = found > limit ? crops.at(-1) : undefined;
  return { crops, next: last ? { x0: last.x0, y0: last.y0 } : null };
}

/** The columns of the crops in order; null when there is none. */
type Columns = Record<keyof CropPlace, number[] | null>;
const nothing: Columns = { ix: null, x0: null, y0: null, tissueFraction: null };

// A crop that only touches the box does not overlap it. The columns are whole numbers; a slide's sides may not be.
const firstWholeAbove = (edge: number) => clamped(Math.floor(edge) + 1);
const lastWholeBelow = (edge: number) => clamped(Math.ceil(edge) - 1);
const clamped = (value: number) => Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), value));
