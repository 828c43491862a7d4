import { randomBytes } from 'node:crypto';
import { type Connection, connect, type Database, sql } from '@stroma/db/client';
import { migrate } from '@stroma/db/migrate';
import { inject } from 'vitest';

export interface TestDatabase {
  db: Database;
  connection: Connection;
  schema: string;
  /** For a service started as a process of its own: its connections see the same schema. */
  databaseUrl: string;
  /** Closes the connections and drops the schema. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const invalidSchemaName = '3F000';
const undefinedTable = '42P01';

/**
 * A migrated schema of its own in the one embedded Postgres of the test run.
 * In a test: `await using database = await withSchema()`; in a suite: open in beforeAll, close in afterAll.
 * Notifications are shared by all schemas: a ring may come from another test.
 */
export async function withSchema(): Promise<TestDatabase> {
  const server = inject('databaseUrl');
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const connection = connect(server, { schema, maxConnections: 8 });
  await sql`create schema ${sql.id(schema)}`.execute(connection.db);
  await migrateBesideOthers(connection.db, schema);
  const close = async () => {
    await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(connection.db);
    await connection.close();
  };
  return {
    db: connection.db,
    connection,
    schema,
    databaseUrl: `${server}&options=${encodeURIComponent(`-c search_path=${schema}`)}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Kysely's migrator lists the tables of every schema, and fails when another test drops one of them meanwhile. The
 * migration itself is one transaction, so it can be tried again.
 */
async function migrateBesideOthers(db: Database, schema: string, triesLeft = 20): Promise<void> {
  try {
    await migrate(db, schema);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const ofAnother = (code === invalidSchemaName || code === undefinedTable) && !message.includes(schema);
    if (!ofAnother || triesLeft === 0) throw error;
    await migrateBesideOthers(db, schema, triesLeft - 1);
  }
}
