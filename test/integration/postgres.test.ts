import { connect, sql } from '@stroma/db/client';
import { expect, test } from 'vitest';
import { withSchema } from '../database.ts';

test('every test has a migrated schema of its own', async () => {
  await using first = await withSchema();
  await using second = await withSchema();
  const user = { id: 'one', name: 'One', email: 'one@example.org' };
  await first.db.insertInto('appUser').values(user).execute();
  expect(await first.db.selectFrom('appUser').select('id').execute()).toEqual([{ id: 'one' }]);
  expect(await second.db.selectFrom('appUser').select('id').execute()).toEqual([]);
});

test('a process that is given the schema’s URL sees the same tables', async () => {
  await using database = await withSchema();
  await database.db.insertInto('appUser').values({ id: 'two', name: 'Two', email: 'two@example.org' }).execute();
  const other = connect(database.databaseUrl);
  const rows = await other.db.selectFrom('appUser').select('id').execute();
  await other.close();
  expect(rows).toEqual([{ id: 'two' }]);
});

test('the server listens on no network port', async () => {
  await using database = await withSchema();
  const { rows } = await sql<{ address: string }>`select current_setting('listen_addresses') as address`.execute(
    database.db,
  );
  expect(rows[0]?.address).toBe('');
});
