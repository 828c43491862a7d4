import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
  for (let i = 0; i < 24; i += 1) await insertSlide(server.database.db, { name: `case-${i}.svs` });
});
afterAll(() => server.close());

/** Two slides a patient; every sixth slide has no grade. */
const labels = Array.from(
  { length: 24 },
  (_, i) => `case-${i},patient-${Math.floor(i / 2)},${i % 6 === 5 ? '' : i % 3}`,
);
const draft = (more: object = {}) => {
  const labelsCsv = ['slide_id,patient_id,grade', ...labels].join('\n');
  return { name: 'Prostate', labelsCsv, foldCount: 3, seed: 7, ...more };
};
const post = (url: string, payload: object) => server.ask({ method: 'POST', url, payload });

test('the dry run saves nothing', async () => {
  const { acceptable, matched } = (await post('/api/cohorts/label-report', draft())).json();
  expect([acceptable, matched.length]).toEqual([true, 24]);
  expect((await server.ask('/api/cohorts')).json().cohorts).toEqual([]);
});

test('a cohort is stored with a fold for every patient', async () => {
  const answer = await post('/api/cohorts', draft());
  expect(answer.statusCode).toBe(201);
  const { id } = answer.json();
  expect(answer.json()).toMatchObject({
    name: 'Prostate',
    classes: ['0', '1', '2'],
    slideCount: 24,
    patientCount: 12,
    jobCount: 0,
  });
  const cohort = (await server.ask(`/api/cohorts/${id}`)).json();
  const foldsOfPatients = new Map<string, Set<number>>();
  for (const slide of cohort.slides as { patientId: string; fold: number }[]) {
    foldsOfPatients.set(slide.patientId, (foldsOfPatients.get(slide.patientId) ?? new Set()).add(slide.fold));
  }
  expect([...foldsOfPatients.values()].every((folds) => folds.size === 1)).toBe(true);
  const sizes = [0, 0, 0];
  for (const [fold] of foldsOfPatients.values()) sizes[fold ?? 0] = (sizes[fold ?? 0] ?? 0) + 1;
  expect(sizes).toEqual([4, 4, 4]);
  expect(cohort.slides.find((slide: { name: string }) => slide.name === 'case-5.svs').label).toBeNull();
  const entry = await server.database.db
    .selectFrom('auditEvent')
    .selectAll()
    .where('action', '=', 'cohort.created')
    .execute();
  expect(entry).toMatchObject([{ subject: `cohort:${id}`, detail: { slides: 24, patients: 12 } }]);
});

test('a name is taken once, also by two requests at the same moment', async () => {
  expect((await post('/api/cohorts', draft())).json().error.code).toBe('cohort.name');
  const answers = await Promise.all([1, 2, 3].map(() => post('/api/cohorts', draft({ name: 'Twin' }))));
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([201, 422, 422]);
});

test('a grade may mean another class, and what is stored is the class', async () => {
  const classOf = { 1: '0', 2: null };
  const answer = await post('/api/cohorts', draft({ name: 'Two in one', classOf }));
  expect(answer.json()).toMatchObject({ classes: ['0'], slideCount: 24 });
  const { slides } = (await server.ask(`/api/cohorts/${answer.json().id}`)).json();
  const labelOf = (name: string) => slides.find((slide: { name: string }) => slide.name === name).label;
  expect(['case-0.svs', 'case-1.svs', 'case-2.svs'].map(labelOf)).toEqual(['0', '0', null]);
  for (const nonsense of ['0', { 1: { means: '0' } }, { 1: 'x'.repeat(121) }]) {
    const refused = await post('/api/cohorts', draft({ name: 'Nonsense', classOf: nonsense }));
    expect([refused.statusCode, refused.json().error.code]).toEqual([400, 'request.invalid']);
  }
  const unknown = await post('/api/cohorts', draft({ name: 'Unknown', classOf: { benign: '0' } }));
  expect([unknown.statusCode, unknown.json().error]).toMatchObject([422, { code: 'cohort.grades', found: 'benign' }]);
});

test('labels that cannot be read or used are refused in both', async () => {
  for (const url of ['/api/cohorts/label-report', '/api/cohorts']) {
    const answer = await post(url, draft({ name: 'No header', labelsCsv: 'a;b;c\n1;2;3' }));
    expect([answer.statusCode, answer.json().error]).toMatchObject([422, { code: 'labels.header', found: 'a, b, c' }]);
  }
  expect((await post('/api/cohorts', draft({ name: 'Folds', foldCount: 13 }))).json().error).toMatchObject({
    code: 'cohort.folds',
    found: '12',
  });
  expect((await server.ask('/api/cohorts')).json().cohorts.map((cohort: { name: string }) => cohort.name)).toEqual([
    'Two in one',
    'Twin',
    'Prostate',
  ]);
});

test('the dry run tells what other cohorts share, and the site is stored', async () => {
  const { db } = server.database;
  const { id } = (await post('/api/cohorts', draft({ name: 'Trained on' }))).json();
  const { slides } = (await server.ask(`/api/cohorts/${id}`)).json();
  const copied = slides[0].slideId;
  const [copy, fresh] = [await insertSlide(db, { name: 'copy.svs' }), await insertSlide(db, { name: 'fresh.svs' })];
  const twin = { kind: 'pixels', distance: 0 };
  await db
    .insertInto('slideDuplicate')
    .values([
      { ...twin, slideId: copied, twinId: copy },
      { ...twin, slideId: copy, twinId: copied },
    ])
    .execute();
  const external = (lines: string[]) =>
    draft({ name: 'External', labelsCsv: ['slide_id,patient_id,grade,site', ...lines].join('\n'), foldCount: 2 });
  const overlapsOf = async (lines: string[]) => {
    const { overlaps } = (await post('/api/cohorts/label-report', external(lines))).json();
    return overlaps.find((one: { cohortId: number }) => one.cohortId === id);
  };
  expect(await overlapsOf(['copy,q1,0,Uppsala', 'fresh,patient-3,1,'])).toEqual({
    cohortId: id,
    name: 'Trained on',
    slides: 0,
    twins: 1,
    patients: 1,
  });
  expect(await overlapsOf([`${copied},q1,0,`, 'fresh,q2,1,'])).toMatchObject({ slides: 1, twins: 0, patients: 0 });
  expect(await overlapsOf(['fresh,q1,0,'])).toBeUndefined();
  expect(fresh).not.toBe(copy);

  const made = (await post('/api/cohorts', external(['copy,q1,0,Uppsala', 'fresh,q2,1,']))).json();
  const stored = (await server.ask(`/api/cohorts/${made.id}`)).json();
  expect(stored.slides.map((slide: { site: string | null }) => slide.site)).toEqual(['Uppsala', null]);
});
