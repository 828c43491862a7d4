import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { findCrop } from '@stroma/db/cohort-crops';
import { dropCropSet, requestCropSets } from '@stroma/db/crop-sets';
import { enqueue } from '@stroma/db/runs';
import { chooseScale } from '@stroma/db/slide-scales';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { IngestWorkbench, slideBytes, untilReady } from './ingest-worker.ts';

let database: TestDatabase;
let bench: IngestWorkbench;
let db: TestDatabase['db'];

beforeAll(async () => {
  database = await withSchema();
  db = database.db;
  bench = await IngestWorkbench.open(database);
  bench.start();
});
afterAll(async () => {
  await bench.close();
  await database.close();
});

async function slideOf(uploadId: string): Promise<string> {
  const { slideId } = await db
    .selectFrom('upload')
    .select('slideId')
    .where('id', '=', uploadId)
    .where('status', '=', 'registered')
    .executeTakeFirstOrThrow();
  if (!slideId) throw new Error('no slide');
  return slideId;
}

async function scaleTo(slideId: string, mpp: number) {
  const choice = { use: 'user', mpp: { x: mpp, y: mpp } } as const;
  await db.transaction().execute((trx) => chooseScale(trx, [slideId], choice));
}

async function cropSet(slideId: string, mpp: number) {
  const [requested] = await requestCropSets(db, [slideId], [mpp]);
  if (!requested) throw new Error('no crop set');
  await bench.idle();
  const row = await db
    .selectFrom('cropSet')
    .selectAll()
    .where('id', '=', requested.cropSetId)
    .executeTakeFirstOrThrow();
  return { ...row, runId: requested.runId };
}

describe('an upload', () => {
  it('becomes a slide with levels, a thumbnail and its bytes in the store', async () => {
    const bytes = await slideBytes();
    const runId = await bench.upload('first', bytes, 'biopsy 1.svs');
    await bench.idle();
    const id = await slideOf('first');
    expect((await bench.run(runId)).result).toMatchObject({ slideId: id, duplicate: false });
    const slide = await db.selectFrom('slide').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(slide).toMatchObject({
      name: 'biopsy 1.svs',
      mppX: 0.5,
      mppY: 0.5,
      mppSource: 'derived',
      width0: 1400,
      format: 'generic-tiff',
    });
    expect((await bench.store.get(slide.objectKey)).equals(bytes)).toBe(true);
    const thumbnail = await decodeJpeg(await bench.store.get(slide.thumbnailKey));
    expect(Math.max(thumbnail.width, thumbnail.height)).toBe(512);
    const levels = await db
      .selectFrom('slideLevel')
      .select('width')
      .where('slideId', '=', id)
      .orderBy('level')
      .execute();
    expect(levels.map((level) => level.width)).toEqual([1400, 700, 350, 175]);
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('of the same bytes is the same slide', async () => {
    const runId = await bench.upload('second', await slideBytes(), 'another name.tif');
    await bench.idle();
    expect(await slideOf('second')).toBe(await slideOf('first'));
    expect((await bench.run(runId)).result).toMatchObject({ duplicate: true });
    expect(await readdir(bench.uploads)).toEqual([]);
    expect(await bench.keys('slides', 'thumbnails')).toHaveLength(2);
  });

  it('that is no slide is refused with a reason, which is no failure', async () => {
    const runId = await bench.upload('text', Buffer.from('patient,grade\n'), 'labels.csv');
    await bench.idle();
    const upload = await db.selectFrom('upload').selectAll().where('id', '=', 'text').executeTakeFirstOrThrow();
    expect(upload).toMatchObject({ status: 'refused', slideId: null, refusal: { code: 'slide.unknown_format' } });
    expect(await bench.run(runId)).toMatchObject({ status: 'succeeded', result: { refused: 'slide.unknown_format' } });
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('may not name a file outside the upload folder', async () => {
    const config = { uploadId: 'x', path: '/etc/hostname', fileName: 'x' };
    const runId = await enqueue(db, { stage: 'read_slide', config });
    await bench.idle();
    expect(await bench.run(runId)).toMatchObject({ status: 'failed', error: { code: 'upload.config' } });
  });
});

describe('a crop set', () => {
  it('is cut, packed and found again by id', async () => {
    const id = await slideOf('first');
    const set = await cropSet(id, 0.5);
    expect(set).toMatchObject({ status: 'ready', size0X: 256, size0Y: 256, effectiveMppX: 0.5, sourceLevel: 0 });
    expect(set.cropCount).toBeGreaterThan(5);
    for (const ix of [0, (set.cropCount ?? 1) - 1]) {
      const crop = await findCrop(db, set.id, ix);
      if (!crop) throw new Error('no crop');
      const jpeg = await bench.store.range(crop.objectKey, crop.byteOffset, crop.byteLength);
      expect(await decodeJpeg(jpeg)).toMatchObject({ width: 256, height: 256 });
    }
    const [again] = await requestCropSets(db, [id], [0.5]);
    expect(again).toEqual({ cropSetId: set.id, slideId: id, mpp: 0.5, runId: null });
  });

  it('at a coarser mpp comes from a coarser level', async () => {
    expect(await cropSet(await slideOf('first'), 1)).toMatchObject({ status: 'ready', size0X: 512, sourceLevel: 1 });
  });

  it('finer than the slide fails with a reason, and is tried again when it is asked for again', async () => {
    const id = await slideOf('first');
    const first = await cropSet(id, 0.25);
    expect(first.status).toBe('failed');
    expect((await bench.run(first.runId ?? 0)).error).toMatchObject({ code: 'crop_set.too_fine' });
    const second = await cropSet(id, 0.25);
    expect(second.id).toBe(first.id);
    expect(second.runId).toBeGreaterThan(first.runId ?? 0);
  });

  it('of a slide without known mpp fails until a person enters it; with another mpp it is cut again', async () => {
    await bench.upload('unscaled', await slideBytes({ mpp: 0, shade: 5 }));
    await bench.idle();
    const id = await slideOf('unscaled');
    const failed = await cropSet(id, 0.5);
    expect((await bench.run(failed.runId ?? 0)).error).toMatchObject({ code: 'slide.mpp_unknown' });
    await scaleTo(id, 0.5);
    expect(await cropSet(id, 0.5)).toMatchObject({ id: failed.id, status: 'ready', size0X: 256 });
    await scaleTo(id, 0.25);
    const recut = await cropSet(id, 0.5);
    expect(recut).toMatchObject({ id: failed.id, status: 'ready', size0X: 512 });
    expect(recut.runId).not.toBeNull();
    const rows = await db.selectFrom('crop').select('ix').where('cropSetId', '=', failed.id).execute();
    expect(rows).toHaveLength(recut.cropCount ?? -1);
  });

  it('of a slide without tissue is ready and empty', async () => {
    await bench.upload('glass', await slideBytes({ tissue: false }));
    await bench.idle();
    const set = await cropSet(await slideOf('glass'), 0.5);
    expect(set).toMatchObject({ status: 'ready', cropCount: 0, tissueFraction: 0 });
    expect(await bench.keys(`crops/${set.id}`)).toEqual([]);
  });

  it('is dropped with its partition', async () => {
    const set = await cropSet(await slideOf('first'), 0.8);
    const keys = await dropCropSet(db, set.id);
    expect(keys).toEqual(await bench.keys(`crops/${set.id}`));
    expect(await findCrop(db, set.id, 0)).toBeUndefined();
    expect(await db.selectFrom('shard').select('id').where('cropSetId', '=', set.id).execute()).toEqual([]);
    for (const key of keys) await bench.store.remove(key);
  });

  it('of a slide that does not exist is not requested', async () => {
    await expect(requestCropSets(db, ['0b0e8f2e-35a5-4d0e-9a6f-2f63e3f0a001'], [0.5])).rejects.toMatchObject({
      problem: { code: 'slide.unknown' },
    });
  });
});

it('the worker ends by SIGTERM, and when the process that started it is gone', async () => {
  const [asked, orphan] = [bench.start(), bench.start()];
  await Promise.all([asked, orphan].map(untilReady));
  asked.kill('SIGTERM');
  expect(await once(asked, 'exit')).toEqual([0, null]);
  orphan.stdin?.end();
  expect(await once(orphan, 'exit')).toEqual([0, null]);
});
