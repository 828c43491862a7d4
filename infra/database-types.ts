/** Writes services/db/src/schema.ts from the migrations: `npm run db:types`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from '@stroma/db/client';
import { migrate } from '@stroma/db/migrate';
import { startPostgres } from './postgres.ts';
import { runCommand } from './process/run-command.ts';
import { inRepository } from './repository.ts';
import { main } from './step.ts';

export const schemaFile = inRepository('services', 'db', 'src', 'schema.ts');

/** Reads a migrated database and writes its types; .kysely-codegenrc.json says how. */
export async function generateTypes(databaseUrl: string, outFile: string, schema = 'public'): Promise<void> {
  const program = inRepository('node_modules', 'kysely-codegen', 'dist', 'cli', 'bin.js');
  const flags = [`--url=${databaseUrl}`, `--out-file=${outFile}`, `--default-schema=${schema}`];
  await runCommand(process.execPath, [program, ...flags, `--include-pattern=${schema}.*`], {
    cwd: inRepository(),
    purpose: 'Reading the tables',
    remedy: 'The lines above are those of kysely-codegen.',
  });
}

async function databaseTypes(): Promise<number> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'stroma-types-'));
  const postgres = await startPostgres({ dataFolder, settings: { fsync: 'off' } });
  try {
    const connection = connect(postgres.databaseUrl);
    await migrate(connection.db);
    await connection.close();
    await generateTypes(postgres.databaseUrl, schemaFile);
    return 0;
  } finally {
    await postgres.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

if (import.meta.filename === process.argv[1]) main(databaseTypes);
