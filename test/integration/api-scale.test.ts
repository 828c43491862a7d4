import { spacingsAgree } from '@stroma/core/geometry/spacing';
import type { ScaleReport, ScaleRequest } from '@stroma/core/http/scale';
import type { SlideDetail } from '@stroma/core/http/slide';
import { cohortCropSets, requireCrops } from '@stroma/db/cohort-crops';
import { cohortCropCounts } from '@stroma/db/cohorts';
import { requestCropSets } from '@stroma/db/crop-sets';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../infra/demo/cohort-generator-random.ts';
import { insertCohort, insertPrediction, insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let db: TestApi['database']['db'];
beforeAll(async () => {
  server = await startApi();
  db = server.database.db;
});
afterAll(() => server.close());

const slide = async (id: string): Promise<SlideDetail> => (await server.ask(`/api/slides/${id}`)).json();
const post = (url: string, payload: object) => server.ask({ method: 'POST', url, payload });
const choose = async (slideIds: string[], scale: ScaleRequest['scale']): Promise<ScaleReport> =>
  (await post('/api/slide-scales', { slideIds, scale })).json();
const square = (mpp: number) => ({ x: mpp, y: mpp });

test('two statements within 2 % agree and the declared one counts; beyond it nothing is guessed', async () => {
  const agreed = await slide(await insertSlide(db, { name: 'agreed.svs', mpp: 0.5, derived: 0.5099 }));
  expect(agreed).toMatchObject({ mpp: square(0.5), mppSource: 'declared', scale: { state: 'known' } });
  expect(agreed.scale.reason).toContain('agree within 2 %');

  const id = await insertSlide(db, { name: 'contradiction.svs', mpp: 0.25, derived: 0.5 });
  const asked = await slide(id);
  expect(asked).toMatchObject({ mpp: null, mppSource: null });
  expect(asked.scale).toMatchObject({ state: 'conflict', declared: square(0.25), derived: square(0.5), user: null });
  const refused = await post('/api/crop-sets', { slideIds: [id], mpp: [0.5] });
  expect(refused.json().error).toMatchObject({ code: 'slide.no-mpp', found: expect.stringContaining('1 whose file') });

  await choose([id], { use: 'derived' });
  expect(await slide(id)).toMatchObject({ mpp: square(0.5), mppSource: 'derived', scale: { state: 'known' } });
  await choose([id], { use: 'user', mpp: { x: 0.4, y: 0.42 } });
  expect(await slide(id)).toMatchObject({ mpp: { x: 0.4, y: 0.42 }, mppSource: 'user' });
  await choose([id], { use: 'declared' });
  const last = await slide(id);
  expect(last).toMatchObject({ mpp: square(0.25), mppSource: 'declared', scale: { user: { x: 0.4, y: 0.42 } } });
});

test('the database’s rule is core’s rule, on both axes', async () => {
  const random = new Random(23);
  const pairs = Array.from({ length: 2000 }, () => {
    const a = { x: random.between(0.1, 2), y: random.between(0.1, 2) };
    return { a, b: { x: a.x * random.between(0.96, 1.04), y: a.y * random.between(0.96, 1.04) } };
  });
  const column = (pick: (pair: (typeof pairs)[number]) => number) => sql`${pairs.map(pick)}::float8[]`;
  const { rows } = await sql<{ source: string | null }>`
    select scale_source(null, ax, ay, bx, by) as source from unnest(${column(({ a }) => a.x)}, ${column(({ a }) => a.y)},
      ${column(({ b }) => b.x)}, ${column(({ b }) => b.y)}) with ordinality as pair (ax, ay, bx, by, ix) order by ix`.execute(
    db,
  );
  const agreed = pairs.map(({ a, b }) => spacingsAgree(a, b));
  expect(rows.map(({ source }) => source === 'declared')).toEqual(agreed);
  expect(agreed.filter(Boolean).length).toBeGreaterThan(200);
  expect(agreed.filter((agree) => !agree).length).toBeGreaterThan(200);
});

test('many slides are settled at once, and those without the statement stay open', async () => {
  const names = ['bulk-1.svs', 'bulk-2.svs', 'bulk-3.svs'];
  const ids = [
    await insertSlide(db, { name: names[0] ?? '', mpp: 0.25, derived: 0.5 }),
    await insertSlide(db, { name: names[1] ?? '', mpp: 0.24, derived: 0.5 }),
    await insertSlide(db, { name: names[2] ?? '', mpp: null }),
  ];
  const open = async (scale: string) =>
    (await server.ask(`/api/slides?search=bulk-&scale=${scale}`)).json().slides.map((one: SlideDetail) => one.name);
  expect((await open('open')).sort()).toEqual(names);
  expect(await open('missing')).toEqual(['bulk-3.svs']);
  const dry = (await post('/api/slide-scales/report', { slideIds: ids, scale: { use: 'derived' } })).json();
  expect(dry).toMatchObject({ slides: 2, without: 1, stale: { cropSets: 0 } });
  expect(await open('conflict')).toHaveLength(2);
  expect(await choose(ids, { use: 'derived' })).toEqual(dry);
  expect(await open('open')).toEqual(['bulk-3.svs']);
  const single = await server.ask({
    method: 'PATCH',
    url: `/api/slides/${ids[2]}`,
    payload: { scale: { use: 'declared' } },
  });
  expect(single.json().error.code).toBe('slide.scale-not-stated');
  for (const mpp of [{ x: 0, y: 0.5 }, { x: 0.5 }, { x: 0.5, y: 101 }]) {
    const answer = await post('/api/slide-scales', { slideIds: ids, scale: { use: 'user', mpp } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'request.invalid']);
  }
});

test('a new scale says by number what becomes stale, keeps it, and cuts beside it', async () => {
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['a', 'b'] });
  const [id, other] = slideIds as [string, string];
  const sets = await requestCropSets(db, slideIds, [0.5]);
  await sql`update crop_set set status = 'ready', size0_x = 256, size0_y = 256, effective_mpp_x = 0.5, effective_mpp_y = 0.5,
    crop_count = 12
    where id = any(${sets.map((set) => set.cropSetId)}::int[])`.execute(db);
  await db.updateTable('run').set({ status: 'succeeded' }).where('stage', '=', 'tile').execute();
  const cropSetId = sets.find((set) => set.slideId === id)?.cropSetId ?? 0;
  await insertPrediction(server.database.connection, { cohortId, slideId: id, cropSetId });

  expect(await cohortCropCounts(db, cohortId)).toEqual([
    { mpp: 0.5, sizePx: 256, stridePx: 256, slides: 2, crops: 24 },
  ]);
  const same = await post('/api/slide-scales/report', { slideIds, scale: { use: 'user', mpp: square(0.5) } });
  expect(same.json().stale.cropSets).toBe(0);
  const report = await choose(slideIds, { use: 'user', mpp: { x: 0.5, y: 0.4 } });
  expect(report.stale).toEqual({ slides: 2, cropSets: 2, crops: 24, embeddingSets: 1, predictions: 1 });
  expect((await slide(id)).cropSets).toMatchObject([{ id: cropSetId, stale: true, cropCount: 12 }]);
  expect((await server.ask(`/api/slides/${id}/predictions`)).json().predictions).toMatchObject([{ stale: true }]);
  expect(await cohortCropCounts(db, cohortId)).toEqual([]);
  const used = { cohortId, mpp: 0.5, sizePx: 256, stridePx: 256, selection: {} };
  const stale = await cohortCropSets(db, used);
  expect(() => requireCrops(stale, used)).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: 'cohort.stale_crops' }) }),
  );

  const again = await requestCropSets(db, slideIds, [0.5]);
  // The one that embeddings were made of stays; the other is cut anew in its place.
  expect(again.map((set) => [set.slideId, set.cropSetId === cropSetId, set.runId !== null]).sort()).toEqual(
    [
      [id, false, true],
      [other, false, true],
    ].sort(),
  );
  expect((await slide(id)).cropSets).toHaveLength(2);
  expect((await slide(other)).cropSets).toHaveLength(1);
  expect(await db.selectFrom('embeddingSet').select('cropSetId').execute()).toEqual([{ cropSetId }]);
});
