import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { from as copyFrom } from 'pg-copy-streams';
import type { Connection } from './client.ts';
import type { NewCrop } from './crop-partition.ts';
import { CropBatch, copiedColumns } from './crop-row-format.ts';

/** Rows held before they are sent: some 4 MB. One batch is filled while the one before is copied. */
const batchRows = 32_768;

/**
 * The rows of a crop set while it is cut, in a table that is not yet part of `crop`. They are copied in batches, so that
 * the worker holds few of them and no transaction stays open while a slide is cut.
 */
export class CropRows {
  /** Named by the run's fence: a worker that lost its lease writes to a table that is gone, never to its successor's. */
  readonly table: string;
  readonly #connection: Connection;
  readonly #cropSetId: number;
  #count = 0;
  #batch = new CropBatch(batchRows);
  #copying: Promise<void> = Promise.resolve();

  private constructor(connection: Connection, cropSetId: number, table: string) {
    this.#connection = connection;
    this.#cropSetId = cropSetId;
    this.table = table;
  }

  /** Begins anew; what an attempt before left is dropped. */
  static async begin(connection: Connection, cropSetId: number, fence: number): Promise<CropRows> {
    const { db } = connection;
    const left = await sql<{ name: string }>`select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r'
        and relname like ${`crop\\_${cropSetId}\\_cut\\_%`}`.execute(db);
    for (const { name } of left.rows) await sql`drop table if exists ${sql.table(name)}`.execute(db);
    const rows = new CropRows(connection, cropSetId, `crop_${cropSetId}_cut_${fence}`);
    const check = sql`check (crop_set_id = ${sql.lit(cropSetId)})`;
    await sql`create table ${sql.table(rows.table)} (like crop, ${check})`.execute(db);
    return rows;
  }

  /** In the order of ix. */
  async add(crops: readonly NewCrop[]): Promise<void> {
    for (const crop of crops) {
      this.#batch.add(this.#cropSetId, this.#count, crop);
      this.#count += 1;
      if (this.#batch.isFull) await this.#send();
    }
  }

  /** All rows are there and indexed. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#copying;
    const { db } = this.#connection;
    await sql`alter table ${sql.table(this.table)} add primary key (ix)`.execute(db);
    // What the parent's index by place takes over when the table is attached.
    await sql`create index on ${sql.table(this.table)} (y0, x0)`.execute(db);
  }

  /** Drops the table, unless it became a crop set's own. */
  async discard(): Promise<void> {
    await this.#copying.catch(() => undefined);
    await sql`drop table if exists ${sql.table(this.table)}`.execute(this.#connection.db);
  }

  /** Returns when the batch before is copied; an error of this one is met at the next. */
  async #send(): Promise<void> {
    await this.#copying;
    if (this.#batch.isEmpty) return;
    this.#copying = this.#copy(this.#batch.end());
    this.#copying.catch(() => undefined);
    this.#batch = new CropBatch(batchRows);
  }

  async #copy(bytes: Buffer): Promise<void> {
    const client = await this.#connection.pool.connect();
    let whole = false;
    try {
      const copy = `copy ${this.table} (${copiedColumns}) from stdin (format binary)`;
      await pipeline(Readable.from([bytes], { objectMode: false }), client.query(copyFrom(copy)));
      whole = true;
    } finally {
      // A connection in the middle of a COPY is of no use to anyone else.
      client.release(!whole);
    }
  }
}
