import { once } from 'node:events';
import path from 'node:path';
import { requestCropSets } from '@stroma/db/crop-sets';
import { stepsOfRuns } from '@stroma/db/run-steps';
import { failedReadings, retryRun, runsOfSlide } from '@stroma/db/slide-runs';
import { expect, it, vi } from 'vitest';
import { withSchema } from '../database.ts';
import { sharedSlides, withOpenSlide, withSharedSlides } from '../unit/wsi-tiff.ts';
import { IngestWorkbench, slideBytes, untilReady } from './ingest-worker.ts';

/** A slide one of whose level-0 tiles lies in the middle and is no JPEG any more. */
async function slideWithDamage(): Promise<Buffer> {
  const bytes = await slideBytes({ shade: 40 });
  const tileOffsets = 324;
  const directory = bytes.readUInt32LE(4);
  for (let i = 0; i < bytes.readUInt16LE(directory); i += 1) {
    const at = directory + 2 + 12 * i;
    if (bytes.readUInt16LE(at) !== tileOffsets) continue;
    const seventh = bytes.readUInt32LE(bytes.readUInt32LE(at + 8) + 4 * 7);
    bytes.fill(0xff, seventh, seventh + 400);
    return bytes;
  }
  throw new Error('no tile offsets');
}

it('two workers share a batch; one dies, one slide is bad, one damaged: the others are whole, and each says what took its time', async () => {
  await using database = await withSchema();
  const bench = await IngestWorkbench.open(database);
  const { db } = bench;
  try {
    for (let i = 0; i < 6; i += 1) await bench.upload(`good${i}`, await slideBytes({ shade: i }));
    await bench.upload('bad', Buffer.from('II*\0 no slide at all'));
    await bench.upload('damaged', await slideWithDamage());
    const [first, second] = [bench.start(), bench.start()];
    await Promise.all([untilReady(first), untilReady(second)]);
    await bench.idle();
    const uploads = await db.selectFrom('upload').select(['id', 'status', 'slideId']).execute();
    expect(uploads.filter(({ status }) => status !== 'registered').map(({ id }) => id)).toEqual(['bad']);

    const ids = uploads.flatMap(({ slideId }) => slideId ?? []);
    await requestCropSets(db, ids, [0.5, 1]);
    first.kill('SIGKILL');
    await once(first, 'exit');
    await bench.idle(90_000);
    const sets = await db.selectFrom('cropSet').select(['status']).execute();
    expect(sets).toEqual(ids.flatMap(() => [{ status: 'ready' }, { status: 'ready' }]));

    const damaged = uploads.find(({ id }) => id === 'damaged')?.slideId ?? '';
    const runs = await runsOfSlide(db, damaged);
    expect(runs.map((run) => [run.stage, run.mpp, run.status])).toEqual([
      ['tile', 1, 'succeeded'],
      ['tile', 0.5, 'succeeded'],
      ['read_slide', null, 'succeeded'],
    ]);
    expect(runs[1]?.result).toMatchObject({ unreadablePlaces: [{ x0: 256, y0: 256, width0: 256, height0: 256 }] });
    const steps = await stepsOfRuns(
      db,
      runs.map((run) => run.id),
    );
    const namesOf = (id?: number) => steps.filter((step) => step.runId === id).map((step) => step.name);
    expect(namesOf(runs[0]?.id)).toEqual(['cut', 'store', 'measure']);
    expect(namesOf(runs[2]?.id)).toEqual(expect.arrayContaining(['take in', 'group', 'open', 'register']));
    expect(steps.every((step) => step.seconds >= 0 && step.times === 1)).toBe(true);

    // A worker that died while it measured: the next one measures what is left, and cuts nothing.
    const numbers = () => db.selectFrom('crop').selectAll().orderBy('cropSetId').orderBy('ix').execute();
    const before = await numbers();
    expect(before.every(({ sharpness, pen }) => sharpness !== null && pen !== null)).toBe(true);
    await db.updateTable('crop').set({ sharpness: null, pen: null }).where('ix', '>', 0).execute();
    const left = { status: 'running', leaseUntil: new Date(0), worker: 'dead', endedAt: null };
    await db
      .updateTable('run')
      .set(left)
      .where('id', '=', runs[0]?.id ?? 0)
      .execute();
    const kept = runs[0]?.result;
    await vi.waitFor(async () => {
      const [again] = await runsOfSlide(db, damaged);
      expect(again).toMatchObject({ status: 'succeeded', result: kept });
    }, 30_000);
    const again = await stepsOfRuns(db, [runs[0]?.id ?? 0]);
    expect(again.map((step) => step.name)).toEqual(['measure']);
    const setId = before.find((crop) => crop.sharpness !== null && crop.ix > 0)?.cropSetId;
    expect(setId).toBeDefined();
    const measured = (await numbers()).filter((crop) => crop.sharpness !== null);
    expect(measured.length).toBeGreaterThan(0);
    for (const crop of measured) {
      expect(crop).toEqual(before.find((one) => one.cropSetId === crop.cropSetId && one.ix === crop.ix));
    }
  } finally {
    await bench.close();
  }
}, 180_000);

it('a reading that failed through no fault of the file is listed with its reason, and its bytes wait for a retry', async () => {
  await using database = await withSchema();
  const bench = await IngestWorkbench.open(database);
  const { db } = bench;
  try {
    const runId = await bench.upload('late', await slideBytes({ shade: 3 }), 'late.svs');
    const error = JSON.stringify({ code: 'internal', message: 'The disk was full.' });
    await db.updateTable('run').set({ status: 'failed', error }).where('id', '=', runId).execute();
    expect(await failedReadings(db)).toMatchObject([{ id: runId, name: 'late.svs', error: { code: 'internal' } }]);
    const retry = () => db.transaction().execute((trx) => retryRun(trx, runId));
    expect(await retry()).toBe(true);
    expect(await retry()).toBe(false);
    bench.start();
    await bench.idle();
    expect(await bench.run(runId)).toMatchObject({ status: 'succeeded', error: null });
    expect(await failedReadings(db)).toEqual([]);
  } finally {
    await bench.close();
  }
}, 90_000);

it.skipIf(!withSharedSlides || !withOpenSlide)(
  'a slide whose reader is missing is not lost: its neighbours are registered, and it is read once the reader is there',
  async () => {
    await using database = await withSchema();
    const bench = await IngestWorkbench.open(database);
    const { db } = bench;
    try {
      const runId = await bench.upload('needs', path.join(sharedSlides, 'camelyon-jpeg2000.dcm'), 'node.dcm');
      await bench.upload('plain', await slideBytes({ shade: 9 }));
      const without = bench.start({ STROMA_OPENSLIDE: '' });
      await bench.idle();
      expect(await bench.run(runId)).toMatchObject({ status: 'failed', error: { code: 'slide.openslide_missing' } });
      without.kill('SIGTERM');
      await once(without, 'exit');
      expect(await db.transaction().execute((trx) => retryRun(trx, runId))).toBe(true);
      bench.start();
      await bench.idle();
      expect(await bench.run(runId)).toMatchObject({ status: 'succeeded' });
      const uploads = await db.selectFrom('upload').select(['id', 'status']).orderBy('id').execute();
      expect(uploads.map(({ status }) => status)).toEqual(['registered', 'registered']);
    } finally {
      await bench.close();
    }
  },
  90_000,
);
