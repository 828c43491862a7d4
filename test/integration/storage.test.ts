import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '@stroma/db/client';
import { auditObjects, reconcile } from '@stroma/infra/reconcile';
import { LocalStore } from '@stroma/storage/local-store';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';

let folder: string;
let store: LocalStore;
let database: TestDatabase;
let db: Database;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-audit-'));
  store = new LocalStore(folder);
  database = await withSchema();
  db = database.db;
  await addSlide();
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function addSlide() {
  await store.put('slides/aa', Buffer.from('slide'));
  await store.put('thumbnails/aa.jpg', Buffer.from('picture'));
  const values = { sha256: 'aa', name: 'a', bytes: 5, objectKey: 'slides/aa', thumbnailKey: 'thumbnails/aa.jpg' };
  await db
    .insertInto('slide')
    .values({ ...values, reader: 'tiff', format: 'tiff', width0: 1, height0: 1 })
    .execute();
}

test('files and rows that fit are left alone', async () => {
  expect(await auditObjects(db, store)).toEqual({ orphans: [], missing: [] });
});

test('a row without its file is reported, and stays', async () => {
  await store.remove('thumbnails/aa.jpg');
  expect((await auditObjects(db, store)).missing).toMatchObject([{ key: 'thumbnails/aa.jpg' }]);
  expect(await reconcile(db, store)).toContain('1 rows without their file');
});

test('files without a row are deleted, those of a run’s folder are not', async () => {
  const run = await db.insertInto('run').values({ stage: 'train_dino' }).returning('id').executeTakeFirstOrThrow();
  await store.put(`runs/${run.id}/checkpoint.pt`, Buffer.from('weights'));
  await store.put('runs/999/checkpoint.pt', Buffer.from('weights'));
  await store.put('crops/7/000000.tar', Buffer.from('tar'));
  expect((await auditObjects(db, store)).orphans.sort()).toEqual(['crops/7/000000.tar', 'runs/999/checkpoint.pt']);
  expect(await reconcile(db, store)).toBe('2 left-over files deleted');
  expect(await auditObjects(db, store)).toEqual({ orphans: [], missing: [] });
  expect(await store.size(`runs/${run.id}/checkpoint.pt`)).toBe(7);
});

test('nothing is deleted while a worker holds a run', async () => {
  await db
    .insertInto('run')
    .values({ stage: 'tile', status: 'running', worker: 'w', leaseUntil: sql<Date>`now() + interval '1 minute'` })
    .execute();
  await store.put('crops/7/000000.tar', Buffer.from('tar'));
  expect(await reconcile(db, store)).toContain('nothing deleted');
  expect(await store.size('crops/7/000000.tar')).toBe(3);
});
