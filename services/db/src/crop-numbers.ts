import { type CropNumber, cropNumbers } from '@stroma/core/crop-numbers';
import { type Database, sql } from './client.ts';
import { chosenCropSets, type UsedCrops } from './cohort-crops.ts';
import { isSelected, numberColumn } from './crop-selection.ts';

export interface SlideCropCount {
  slideId: string;
  cut: number;
  kept: number;
}

/** How many of each slide's crops a selection keeps; slides that are not yet cut on this grid are left out. */
export async function countSelected(db: Database, used: UsedCrops): Promise<SlideCropCount[]> {
  const sets = await chosenCropSets(db, used).execute();
  const counts = await db
    .selectFrom('crop')
    .select('cropSetId')
    .select(sql<number>`count(*) filter (where ${isSelected(used.selection)})`.as('kept'))
    .where('cropSetId', '=', sql<number>`any(${sets.map((set) => set.cropSetId)}::int[])`)
    .groupBy('cropSetId')
    .execute();
  const kept = new Map(counts.map((row) => [row.cropSetId, row.kept]));
  return sets.map(({ slideId, cropSetId, cutCount }) => {
    return { slideId, cut: cutCount ?? 0, kept: kept.get(cropSetId) ?? 0 };
  });
}

/** Where each number of a crop lies; what is beyond is counted in the last bin. */
const range: Record<CropNumber, number> = {
  tissueFraction: 1,
  sharpness: 2,
  pen: 1,
  fold: 1,
  saturation: 1,
  darkness: 1,
};
const bins = 40;

export interface Histogram {
  number: CropNumber;
  /** Upper end of the last bin; the first begins at 0. */
  upTo: number;
  counts: number[];
  /** Crops whose number was never measured. */
  unmeasured: number;
}

/** How each number is spread over all crops that were cut, selected or not. */
export async function cropHistograms(db: Database, used: Omit<UsedCrops, 'selection'>): Promise<Histogram[]> {
  const sets = await chosenCropSets(db, used).execute();
  const ids = sets.map((set) => set.cropSetId);
  const histograms: Histogram[] = [];
  for (const number of cropNumbers) {
    const column = sql.raw(numberColumn[number]);
    const { rows } = await sql<{ bin: number | null; count: number }>`
      select case when ${column} is not null then
          least(${bins - 1}, floor(${column} / ${range[number]}::real * ${bins}))::int end as bin, count(*) as count
      from crop where crop_set_id = any(${ids}::int[]) group by 1`.execute(db);
    const counts = new Array<number>(bins).fill(0);
    for (const { bin, count } of rows) if (bin !== null) counts[bin] = count;
    const unmeasured = rows.find(({ bin }) => bin === null)?.count ?? 0;
    histograms.push({ number, upTo: range[number], counts, unmeasured });
  }
  return histograms;
}
