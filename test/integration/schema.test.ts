import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateTypes, schemaFile } from '@stroma/infra/database-types';
import { expect, test } from 'vitest';
import { withSchema } from '../database.ts';

test('services/db/src/schema.ts is what the migrations make; npm run db:types writes it', async () => {
  await using database = await withSchema();
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-schema-'));
  try {
    const generated = path.join(folder, 'schema.ts');
    await generateTypes(database.databaseUrl, generated, database.schema);
    expect(await readFile(generated, 'utf8')).toBe(await readFile(schemaFile, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
