import type { PixelSpacing } from '@stroma/core/units';
import { sql, type Transaction } from 'kysely';
import type { Connection } from './client.ts';
import type { CropRows } from './crop-rows.ts';
import { keepResult, type Lease } from './runs.ts';
import type { DB } from './schema.ts';

export interface NewCrop {
  /** Level-0 px of the top-left corner. */
  x0: number;
  y0: number;
  tissueFraction: number;
  shardIx: number;
  byteOffset: number;
  byteLength: number;
  /** What the crop's pixels say, see wsi/src/crop-quality.ts; NaN where a crop was copied undecoded. */
  sharpness: number;
  pen: number;
  saturation: number;
  darkness: number;
  /** Share of the crop that is folded tissue; see wsi/src/tissue-mask.ts. */
  fold: number;
}

export interface NewShard {
  ix: number;
  objectKey: string;
  sha256: string;
  bytes: number;
  cropCount: number;
}

export interface CutCropSet {
  id: number;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
  /** What the crops really have, after choosing a level and rounding. */
  effective: PixelSpacing;
  sourceLevel: number;
  /** Share of the slide that is tissue. */
  tissueFraction: number;
  cropCount: number;
  shards: readonly NewShard[];
}

/**
 * Stores a cut crop set in one transaction, with what its run found; the run goes on. The crops' rows lie in a table of their own, which is
 * indexed and only then attached: readers of other crop sets never wait.
 */
export async function storeCropSet(
  { db }: Connection,
  lease: Lease,
  set: CutCropSet,
  rows: CropRows,
  result: Record<string, unknown>,
): Promise<void> {
  await rows.finish();
  await db.transaction().execute(async (trx) => {
    await dropPartition(trx, set.id);
    await trx.deleteFrom('shard').where('cropSetId', '=', set.id).execute();
    await sql`alter table ${sql.table(rows.table)} rename to ${sql.id(partitionName(set.id))}`.execute(trx);
    const table = sql.table(partitionName(set.id));
    await sql`alter table crop attach partition ${table} for values in (${sql.lit(set.id)})`.execute(trx);
    const shards = set.shards.map((shard) => ({ cropSetId: set.id, ...shard }));
    if (shards.length > 0) await trx.insertInto('shard').values(shards).execute();
    await trx
      .updateTable('cropSet')
      .set({
        status: 'ready',
        size0X: set.size0X,
        size0Y: set.size0Y,
        effectiveMppX: set.effective.x,
        effectiveMppY: set.effective.y,
        sourceLevel: set.sourceLevel,
        cropCount: set.cropCount,
        tissueFraction: set.tissueFraction,
      })
      .where('id', '=', set.id)
      .executeTakeFirstOrThrow();
    await keepResult(trx, lease, result);
  });
}

/** Dropping a partition detaches it. */
export async function dropPartition(trx: Transaction<DB>, cropSetId: number): Promise<void> {
  await sql`drop table if exists ${sql.table(partitionName(cropSetId))}`.execute(trx);
}

export function partitionName(cropSetId: number): string {
  return `crop_${cropSetId}`;
}
