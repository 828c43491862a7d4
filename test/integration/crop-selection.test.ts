import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { Manifest, parseCropId } from '@stroma/core/contract/manifest';
import { defaultGrid } from '@stroma/core/crop-grid';
import { defaultSelection } from '@stroma/core/crop-numbers';
import type { CropHistograms } from '@stroma/core/http/cohort';
import { cohortCropSets, requireCrops } from '@stroma/db/cohort-crops';
import { selectionHash } from '@stroma/db/crop-selection';
import { requestCropSets } from '@stroma/db/crop-sets';
import { readCrops } from '@stroma/inference/embedding/read-crops';
import { writeManifest } from '@stroma/launcher/manifest';
import Value from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from './api-server.ts';
import { makeCohort, mpp, type TestCohort } from './inference-cohort.ts';

let server: TestApi;
let cohort: TestCohort;
let folder: string;
beforeAll(async () => {
  server = await startApi();
  cohort = await makeCohort(server.database, { slides: 4, crops: 6 });
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-selection-'));
  // Of each slide's six crops: ix 0 and 1 have little tissue, 2 is blurred, 3 has pen, 4 a fold, 5 was never measured.
  await server.database.connection.pool.query(`update crop set
    tissue_fraction = case when ix < 2 then 0.2 + 0.1 * ix else 0.8 end,
    sharpness = case ix when 2 then 0.01 when 5 then null else 0.6 end,
    pen = case ix when 3 then 0.4 when 5 then null else 0 end,
    fold = case when ix = 4 then 0.7 else 0 end, saturation = 0.3, darkness = 0.2`);
});
afterAll(async () => {
  await server.close();
  await cohort.remove();
  await rm(folder, { recursive: true });
});

const ask = async (method: 'POST' | 'PATCH' | 'GET', url: string, payload?: object) => {
  const answer = await server.ask({ method, url, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
};
const counts = (selection: CropSelection, more: object = {}) =>
  ask('POST', `/api/cohorts/${cohort.cohortId}/crop-counts`, { mpp, selection, ...more });
const used = (selection: CropSelection) => ({ cohortId: cohort.cohortId, mpp, ...defaultGrid, selection });

describe('a selection', () => {
  // Three slides with tissue.
  it.each<[string, CropSelection, number[]]>([
    ['of nothing keeps all', {}, [0, 1, 2, 3, 4, 5]],
    ['by default asks for half tissue', defaultSelection, [2, 3, 4, 5]],
    ['of tissue includes its bound', { minTissueFraction: 0.3 }, [1, 2, 3, 4, 5]],
    ['of sharpness leaves out what was never measured', { minSharpness: 0.1 }, [0, 1, 3, 4]],
    ['of pen', { minTissueFraction: 0.5, maxPen: 0.1 }, [2, 4]],
    ['of folds', { minTissueFraction: 0.5, maxFold: 0.5 }, [2, 3, 5]],
    ['of darkness on both sides', { minDarkness: 0.2, maxDarkness: 0.2 }, [0, 1, 2, 3, 4, 5]],
    ['that nothing meets', { minSaturation: 0.9 }, []],
  ])('%s: counts and embedding agree', async (_, selection, kept) => {
    const { body } = await counts(selection);
    expect(body).toMatchObject({ cut: 18, kept: 3 * kept.length });
    expect(body.slides).toHaveLength(4);
    const sets = await cohortCropSets(server.database.db, used(selection));
    expect(sets.map((set) => set.cropCount)).toEqual([kept.length, kept.length, kept.length, 0]);
    const [first] = sets;
    if (!first) throw new Error('no crop set');
    const read: number[] = [];
    for await (const batch of readCrops(server.database.connection, cohort.store, first, 2)) {
      read.push(...batch.map((crop) => crop.ix));
    }
    expect(read).toEqual(kept);
  });

  it('is refused when it is out of range or contradicts itself', async () => {
    expect((await counts({ minDarkness: 0.5, maxDarkness: 0.2 })).body.error.code).toBe('selection.bounds');
    expect((await counts({ maxPen: 2 })).status).toBe(400);
    const other = await ask('POST', '/api/cohorts/99999/crop-counts', { mpp, selection: {} });
    expect([other.status, other.body.error.code]).toEqual([404, 'cohort.unknown']);
  });

  it('that keeps nothing, or no tissue at all, is said in words before training', async () => {
    const sets = await cohortCropSets(server.database.db, used({ minSaturation: 0.9 }));
    expect(() => requireCrops(sets, used({ minSaturation: 0.9 }))).toThrow('selection leaves none');
    const empty = sets.filter((set) => set.cutCount === 0);
    expect(() => requireCrops(empty, used({}))).toThrow('no tissue was found');
  });
});

it('histograms show every number of all that was cut', async () => {
  const { body } = await ask('GET', `/api/cohorts/${cohort.cohortId}/crop-histograms?mpp=${mpp}`);
  const { histograms } = body as CropHistograms;
  const of = (number: string) => histograms.find((one) => one.number === number);
  expect(histograms.map((one) => one.number)).toEqual([
    'tissueFraction',
    'sharpness',
    'pen',
    'fold',
    'saturation',
    'darkness',
  ]);
  for (const one of histograms) expect(one.counts.reduce((a, b) => a + b, 0) + one.unmeasured).toBe(18);
  expect(of('pen')?.unmeasured).toBe(3);
  expect(of('pen')?.counts[0]).toBe(12);
  expect(of('tissueFraction')?.counts[32]).toBe(12);
});

describe('a cohort’s selection', () => {
  it('is kept, and audited', async () => {
    const selection = { minTissueFraction: 0.5, maxPen: 0.1 };
    const url = `/api/cohorts/${cohort.cohortId}`;
    expect((await ask('PATCH', url, { cropSelection: selection })).body.cropSelection).toEqual(selection);
    expect((await ask('GET', url)).body.cropSelection).toEqual(selection);
    const audited = await server.database.db
      .selectFrom('auditEvent')
      .select('detail')
      .where('action', '=', 'cohort.selection-set')
      .executeTakeFirst();
    expect(audited?.detail).toEqual({ cropSelection: selection });
    expect((await ask('PATCH', '/api/cohorts/99999', { cropSelection: {} })).status).toBe(404);
  });

  it('goes with a new job, into its manifest, and changes no job that has begun', async () => {
    const { db, connection } = server.database;
    const begun = await db.selectFrom('job').selectAll().where('id', '=', cohort.jobId).executeTakeFirstOrThrow();
    expect(begun.cropSelection).toEqual(defaultSelection);
    const job = { cohortId: cohort.cohortId, mpp, preset: 'smoke' };
    const started = await ask('POST', '/api/jobs', job);
    expect(started.status).toBe(201);
    expect(started.body.cropSelection).toEqual({ minTissueFraction: 0.5, maxPen: 0.1 });
    const row = await db.selectFrom('job').selectAll().where('id', '=', started.body.id).executeTakeFirstOrThrow();
    for (const [one, kept] of [
      [begun, [2, 3, 4, 5]],
      [row, [2, 4]],
    ] as const) {
      const manifest: unknown = JSON.parse(
        await readFile(await writeManifest(connection, cohort.store, one, folder), 'utf8'),
      );
      if (!Value.Check(Manifest, manifest)) throw new Error('not a manifest');
      expect(manifest.crop_selection_sha256).toBe(selectionHash(one.cropSelection as CropSelection));
      expect([manifest.crop_count, manifest.crop_px]).toEqual([3 * kept.length, 256]);
      const labelled = cohort.slides.filter((slide) => slide.label !== null && slide.crops > 0);
      expect(Object.keys(manifest.labels ?? {}).sort()).toEqual(labelled.map((slide) => slide.id).sort());
      const lines = (await readFile(path.join(folder, 'crops.jsonl'), 'utf8')).trimEnd().split('\n');
      const ixs = lines.map((line) => parseCropId(JSON.parse(line).crop_id)?.ix);
      expect(ixs).toEqual([...kept, ...kept, ...kept]);
    }
  });
});

describe('a grid', () => {
  const slideId = () => cohort.slides[0]?.id ?? '';
  const cut = (more: object) => ask('POST', '/api/crop-sets', { slideIds: [slideId()], mpp: [mpp], ...more });
  const set = async (id: number) =>
    await server.database.db.selectFrom('cropSet').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  it('of any size and stride is a crop set of its own, whose hash tells it apart', async () => {
    const ids: number[] = [];
    for (const grid of [{}, { sizePx: 512 }, { sizePx: 512, stridePx: 256 }, { stridePx: 128 }]) {
      const { status, body } = await cut(grid);
      expect(status).toBe(202);
      ids.push(...body.cropSetIds);
    }
    const sets = await Promise.all(ids.map(set));
    expect(sets.map(({ sizePx, stridePx }) => `${sizePx}/${stridePx}`)).toEqual([
      '256/256',
      '512/512',
      '512/256',
      '256/128',
    ]);
    expect(new Set(sets.map((one) => one.recipeHash)).size).toBe(4);
    expect((await cut({ stridePx: 128 })).body.cropSetIds).toEqual([ids[3]]);
  });

  it('never reaches a job of another grid, however new it is', async () => {
    // Of each pair one side is the job's.
    for (const grid of [
      { sizePx: 512, stridePx: 256 },
      { sizePx: 256, stridePx: 128 },
    ]) {
      const [other] = await requestCropSets(server.database.db, [slideId()], [mpp], grid);
      await server.database.db
        .updateTable('cropSet')
        .set({ status: 'ready', size0X: 2 * grid.sizePx, size0Y: 2 * grid.sizePx, cropCount: 1 })
        .set({ effectiveMppX: mpp, effectiveMppY: mpp })
        .where('id', '=', other?.cropSetId ?? 0)
        .execute();
    }
    const sets = await cohortCropSets(server.database.db, used({}));
    expect(sets.map((one) => one.cropSetId)).toEqual(cohort.slides.map((slide) => slide.cropSetId));
    expect((await counts({}, { sizePx: 512, stridePx: 256 })).body).toMatchObject({
      cut: 1,
      slides: [{ slideId: slideId() }],
    });
  });

  it('with gaps between the crops, or out of range, is refused in words', async () => {
    const gaps = await cut({ sizePx: 256, stridePx: 300 });
    expect([gaps.status, gaps.body.error.code]).toEqual([400, 'crop_set.stride']);
    expect((await cut({ sizePx: 4096 })).status).toBe(400);
    expect((await cut({ stridePx: 0 })).status).toBe(400);
  });
});
