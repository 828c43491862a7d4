import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ignoreAlarmsFile } from '@stroma/core/contract/alarm';
import type { Manifest } from '@stroma/core/contract/manifest';
import type { RunConfig } from '@stroma/core/contract/run-directory';
import { claim, enqueue } from '@stroma/db/runs';
import { prepareRunFolder } from '@stroma/launcher/run-folder';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { makeCohort, type TestCohort } from './inference-cohort.ts';

let database: TestDatabase;
let cohort: TestCohort;
beforeAll(async () => {
  database = await withSchema();
  cohort = await makeCohort(database, { slides: 5, crops: 2 });
});
afterAll(async () => {
  await cohort.remove();
  await database.close();
});

async function claimed(config: Record<string, unknown>) {
  await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId, config });
  const run = await claim(database.db, ['train_dino'], 'test', 60);
  if (!run) throw new Error('no run to claim');
  return run;
}
const options = () => ({
  ...{ connection: database.connection, store: cohort.store },
  ...{ threads: 1, codeRevision: 'test' },
});
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

it('a run that shall ignore alarms finds a file that says so, and the same config as before', async () => {
  const run = await claimed({ preset: 'smoke' });
  const folder = await prepareRunFolder(options(), run);
  expect(await exists(path.join(folder, ignoreAlarmsFile))).toBe(false);
  const before = await readFile(path.join(folder, 'config.json'), 'utf8');

  const resumed = { ...run, config: { preset: 'smoke', ignoreAlarms: true } };
  expect(await prepareRunFolder(options(), resumed)).toBe(folder);
  expect(await exists(path.join(folder, ignoreAlarmsFile))).toBe(true);
  expect(await readFile(path.join(folder, 'config.json'), 'utf8')).toBe(before);
  expect((JSON.parse(before) as RunConfig).overrides).toEqual({ threads: 1 });
});

it('the manifest tells the labels of the slides that have one', async () => {
  const folder = await prepareRunFolder(options(), await claimed({ preset: 'smoke' }));
  const manifest = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const [first, second, third] = cohort.slides;
  expect(manifest.labels).toEqual({
    [first?.id ?? '']: 'low',
    [second?.id ?? '']: 'high',
    [third?.id ?? '']: 'low',
  });
  expect(manifest.slides).toHaveLength(4);
});
