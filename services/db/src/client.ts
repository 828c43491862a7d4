import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { DB } from './schema.ts';

export type Database = Kysely<DB>;

export interface Connection {
  db: Database;
  pool: pg.Pool;
  close(): Promise<void>;
}

// int8 counts of bytes and crops stay far below 2^53.
const int8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

export interface ConnectOptions {
  /** Postgres schema that holds the tables; every test has its own. */
  schema?: string;
  maxConnections?: number;
}

/** Rows come and go in camelCase; the tables are snake_case. */
export function connect(
  databaseUrl: string,
  { schema = 'public', maxConnections = 8 }: ConnectOptions = {},
): Connection {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    options: `-c search_path=${schema}`,
    types,
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return { db, pool, close: () => db.destroy() };
}

export { sql };
