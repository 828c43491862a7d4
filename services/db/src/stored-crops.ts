import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { type Connection, type Database, sql } from './client.ts';
import { partitionName } from './crop-partition.ts';
import { isSelected } from './crop-selection.ts';

export interface StoredCrop {
  ix: number;
  x0: number;
  y0: number;
  tissueFraction: number;
  shardIx: number;
  byteOffset: number;
  byteLength: number;
}

/**
 * Selected crops of a crop set in the order of ix, by a cursor: a slide may have 10^5 of them, a cohort 10^7. They are
 * read from their own partition: a long reading then holds no lock on `crop`, on which a drop of another crop set, and
 * behind it everyone, would wait.
 */
export async function* cropsOf(
  connection: Connection,
  { cropSetId, selection }: { cropSetId: number; selection: CropSelection },
  batch = 10_000,
): AsyncGenerator<StoredCrop[]> {
  const query = sql`declare crops no scroll cursor for
    select ix, x0, y0, tissue_fraction as "tissueFraction", shard_ix as "shardIx",
      byte_offset as "byteOffset", byte_length as "byteLength"
    from ${sql.table(partitionName(cropSetId))} as crop
    where ${isSelected(selection)} order by ix`.compile(connection.db);
  const client = await connection.pool.connect();
  let whole = false;
  try {
    await client.query('begin read only');
    await client.query(query.sql, [...query.parameters]);
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
