import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CamelCasePlugin, Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { from as copyFrom } from 'pg-copy-streams';
import type { Connection } from './client.ts';
import { type Lease, succeed } from './runs.ts';
import type { DB } from './schema.ts';

export interface NewCrop {
  /** Level-0 px of the top-left corner. */
  x0: number;
  y0: number;
  tissueFraction: number;
  shardIx: number;
  byteOffset: number;
  byteLength: number;
  /** What the crop's pixels say; see wsi/src/crop-quality.ts. */
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
  size0: number;
  sourceLevel: number;
  /** Share of the slide that is tissue. */
  tissueFraction: number;
  /** In the order of ix. */
  crops: readonly NewCrop[];
  shards: readonly NewShard[];
}

/**
 * Stores a cut crop set and ends its run in one transaction. The crops are copied into a table of their own, indexed
 * and only then attached: readers of other crop sets never wait.
 */
export async function storeCropSet(
  connection: Connection,
  lease: Lease,
  set: CutCropSet,
  result: Record<string, unknown>,
): Promise<void> {
  const client = await connection.pool.connect();
  // COPY needs the very connection that the transaction runs on, which Kysely does not show.
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: { connect: async () => client, end: async () => undefined } }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  await db.transaction().execute(async (trx) => {
    await dropPartition(trx, set.id);
    await trx.deleteFrom('shard').where('cropSetId', '=', set.id).execute();
    const table = partition(set.id);
    const id = sql.lit(set.id);
    await sql`create table ${table} (like crop, check (crop_set_id = ${id}))`.execute(trx);
    await pipeline(Readable.from(copyLines(set)), client.query(copyFrom(`copy crop_${set.id} from stdin`)));
    await sql`alter table ${table} add primary key (ix)`.execute(trx);
    await sql`alter table crop attach partition ${table} for values in (${id})`.execute(trx);
    const shards = set.shards.map((shard) => ({ cropSetId: set.id, ...shard }));
    if (shards.length > 0) await trx.insertInto('shard').values(shards).execute();
    await trx
      .updateTable('cropSet')
      .set({
        status: 'ready',
        size0: set.size0,
        sourceLevel: set.sourceLevel,
        cropCount: set.crops.length,
        tissueFraction: set.tissueFraction,
      })
      .where('id', '=', set.id)
      .executeTakeFirstOrThrow();
    await succeed(trx, lease, result);
  });
}

/** Dropping a partition detaches it. */
export async function dropPartition(trx: Transaction<DB>, cropSetId: number): Promise<void> {
  await sql`drop table if exists ${partition(cropSetId)}`.execute(trx);
}

function partition(cropSetId: number) {
  return sql.table(`crop_${cropSetId}`);
}

/** COPY's text format, some thousand rows a chunk. */
function* copyLines({ id, crops }: CutCropSet): Generator<string> {
  const batch = 4096;
  for (let from = 0; from < crops.length; from += batch) {
    let text = '';
    crops.slice(from, from + batch).forEach((crop, i) => {
      const fraction = fixed(crop.tissueFraction);
      const { x0, y0, shardIx, byteOffset, byteLength } = crop;
      const quality = `${fixed(crop.sharpness)}\t${fixed(crop.pen)}\t${fixed(crop.saturation)}\t${fixed(crop.darkness)}\t${fixed(crop.fold)}`;
      text += `${id}\t${from + i}\t${x0}\t${y0}\t${fraction}\t${shardIx}\t${byteOffset}\t${byteLength}\t${quality}\n`;
    });
    yield text;
  }
}

function fixed(value: number): string {
  return value.toFixed(4);
}
