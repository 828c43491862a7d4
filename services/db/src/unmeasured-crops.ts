import { type Connection, type Database, sql } from './client.ts';
import { partitionName } from './crop-partition.ts';
import { fenced } from './fenced.ts';
import type { Lease } from './runs.ts';

export interface UnmeasuredCrop {
  ix: number;
  shardIx: number;
  byteOffset: number;
  byteLength: number;
}

export interface MeasuredCrop {
  ix: number;
  /** See wsi/src/crop-quality.ts; NaN where there is none. */
  sharpness: number;
  pen: number;
  saturation: number;
  darkness: number;
}

export async function countUnmeasured(db: Database, cropSetId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(partitionName(cropSetId))} where sharpness is null`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Crops of a crop set that were copied undecoded, in the order of ix, from behind the last one given. */
export async function* unmeasuredCrops(
  { db }: Connection,
  cropSetId: number,
  batch: number,
): AsyncGenerator<UnmeasuredCrop[]> {
  for (let behind = -1; ; ) {
    const { rows } = await sql<UnmeasuredCrop>`
      select ix, shard_ix as "shardIx", byte_offset as "byteOffset", byte_length as "byteLength"
      from ${sql.table(partitionName(cropSetId))}
      where sharpness is null and ix > ${behind} order by ix limit ${batch}`.execute(db);
    if (rows.length === 0) return;
    yield rows;
    behind = rows.at(-1)?.ix ?? behind;
  }
}

/** Only the run's present holder can store; another's numbers would be the same. */
export async function storeQuality(
  db: Database,
  lease: Lease,
  cropSetId: number,
  crops: readonly MeasuredCrop[],
): Promise<void> {
  const real = (key: keyof MeasuredCrop) => crops.map((crop) => (Number.isNaN(crop[key]) ? null : crop[key]));
  await fenced(db, lease, async (trx) => {
    await sql`update ${sql.table(partitionName(cropSetId))} as crop
      set sharpness = one.sharpness, pen = one.pen, saturation = one.saturation, darkness = one.darkness
      from unnest(${real('ix')}::int[], ${real('sharpness')}::real[], ${real('pen')}::real[],
        ${real('saturation')}::real[], ${real('darkness')}::real[]) as one (ix, sharpness, pen, saturation, darkness)
      where crop.ix = one.ix`.execute(trx);
  });
}
