import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertCohort, insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const get = async (url: string) => (await server.ask(url)).json();

test('duplicates are told with their cohorts, filter the list, and warn in a cohort’s dry run', async () => {
  const { db } = server.database;
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['a', 'b'] });
  const [member, other] = slideIds as [string, string];
  const copy = await insertSlide(db, { name: 'copy.svs' });
  const alike = await insertSlide(db, { name: 'alike.svs' });
  const pairs = [
    { slideId: member, twinId: copy, kind: 'pixels', distance: 0 },
    { slideId: member, twinId: alike, kind: 'picture', distance: 3 },
  ];
  const bothWays = pairs.flatMap((pair) => [pair, { ...pair, slideId: pair.twinId, twinId: pair.slideId }]);
  await db.insertInto('slideDuplicate').values(bothWays).execute();

  const { duplicates, cohorts } = await get(`/api/slides/${member}/duplicates`);
  expect(duplicates).toMatchObject([
    { slideId: copy, name: 'copy.svs', kind: 'pixels', distance: 0, mpp: { x: 0.5, y: 0.5 } },
    { slideId: alike, kind: 'picture', distance: 3, cohorts: [] },
  ]);
  expect(cohorts).toMatchObject([{ id: cohortId, patientId: 'p0' }]);
  expect(await get(`/api/slides/${copy}/duplicates`)).toMatchObject({
    duplicates: [{ slideId: member, cohorts: [{ id: cohortId, patientId: 'p0' }] }],
    cohorts: [],
  });
  expect((await get(`/api/slides/${other}/duplicates`)).duplicates).toEqual([]);
  const nobody = await server.ask('/api/slides/00000000-0000-4000-8000-000000000000/duplicates');
  expect([nobody.statusCode, nobody.json().error.code]).toEqual([404, 'slide.unknown']);

  const list = await get('/api/slides?duplicates=true');
  expect(list.slides.map((slide: { duplicates: number }) => slide.duplicates).sort()).toEqual([1, 1, 2]);
  expect((await server.ask('/api/slides?duplicates=maybe')).statusCode).toBe(400);

  const labelsCsv = `slide_id,patient_id,grade\n${member},p0,a\n${copy},p9,a\n${other},p1,b`;
  const payload = { name: 'leaky', labelsCsv, foldCount: 3, seed: 1 };
  const report = (await server.ask({ method: 'POST', url: '/api/cohorts/label-report', payload })).json();
  expect(report).toMatchObject({
    acceptable: true,
    twins: [
      {
        kind: 'pixels',
        acrossFolds: true,
        slides: [
          { slide: member, line: 2 },
          { slide: copy, patientId: 'p9' },
        ],
      },
    ],
  });
  expect(report.warnings[0]).toContain('tested on what it was trained on');
});

test('a saved cohort tells its leaks: twins in two folds, patients written in two ways, sites, other cohorts', async () => {
  const { db } = server.database;
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['a', 'b', 'a', 'b'] });
  const [first, second, third] = slideIds as [string, string, string];
  const twins = [
    { slideId: first, twinId: third, kind: 'pixels', distance: 0 },
    { slideId: first, twinId: second, kind: 'picture', distance: 2 },
  ];
  const bothWays = twins.flatMap((pair) => [pair, { ...pair, slideId: pair.twinId, twinId: pair.slideId }]);
  await db.insertInto('slideDuplicate').values(bothWays).execute();
  await db
    .updateTable('cohortSlide')
    .set((eb) => ({ site: eb.case().when('label', '=', 0).then('A').else('B').end() }))
    .where('cohortId', '=', cohortId)
    .execute();
  const leaks = await get(`/api/cohorts/${cohortId}/leak-checks`);
  expect(leaks.twins).toMatchObject([
    {
      ...{ kind: 'picture', distance: 2, acrossFolds: true },
      slides: [
        { slide: first, name: 's0.svs', patientId: 'p0', fold: 0 },
        { slide: second, patientId: 'p1', fold: 1 },
      ],
    },
    { kind: 'pixels', distance: 0, acrossFolds: false, slides: [{ slide: first }, { slide: third }] },
  ]);
  expect(leaks.sites.map((one: { site: string; slides: number }) => [one.site, one.slides])).toEqual([
    ['A', 2],
    ['B', 2],
  ]);
  expect(leaks.warnings[0]).toBe(
    'All 2 slides of site A have one grade (a): a model may learn the site instead of the grade.',
  );
  const others = leaks.overlaps.map((one: { cohortId: number }) => one.cohortId);
  expect(others).not.toContain(cohortId);
  expect(others.length).toBeGreaterThan(0);
});

test('a cohort without leaks has none to tell, and an unknown one is refused', async () => {
  const { db } = server.database;
  const { cohortId } = await insertCohort(db, { grades: ['a', 'b'] });
  expect(await get(`/api/cohorts/${cohortId}/leak-checks`)).toMatchObject({
    ...{ twins: [], spellings: [], sites: [], warnings: [] },
  });
  const patients = { cohortId, patientId: 'P-0', fold: 1 };
  await db.insertInto('cohortPatient').values(patients).execute();
  await db
    .insertInto('cohortSlide')
    .values({ cohortId, patientId: 'P-0', slideId: await insertSlide(db, { name: 'again.svs' }), label: 0 })
    .execute();
  expect((await get(`/api/cohorts/${cohortId}/leak-checks`)).spellings).toEqual([
    { patientIds: ['P-0', 'p0'], acrossFolds: true },
  ]);
  const nowhere = await server.ask('/api/cohorts/999999/leak-checks');
  expect([nowhere.statusCode, nowhere.json().error.code]).toEqual([404, 'cohort.unknown']);
  expect((await server.api.inject(`/api/cohorts/${cohortId}/leak-checks`)).statusCode).toBe(401);
});
