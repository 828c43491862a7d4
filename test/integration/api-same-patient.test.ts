import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertCohort, insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

test('slides of the same patient are those that a cohort says are, each once', async () => {
  const { db } = server.database;
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['a', 'b'] });
  const [own, other] = slideIds as [string, string];
  const neighbour = await insertSlide(db, { name: 'neighbour.svs' });
  const member = { slideId: neighbour, patientId: 'p0', label: null };
  await db
    .insertInto('cohortSlide')
    .values({ cohortId, ...member })
    .execute();
  const later = await insertCohort(db, { grades: ['a'] });
  for (const slideId of [own, neighbour]) {
    await db
      .insertInto('cohortSlide')
      .values({ cohortId: later.cohortId, ...member, slideId })
      .execute();
  }
  const of = async (id: string) => (await server.ask(`/api/slides/${id}/same-patient`)).json().slides;
  expect(await of(own)).toMatchObject([
    { slideId: neighbour, name: 'neighbour.svs', patientId: 'p0', mpp: { x: 0.5, y: 0.5 } },
    { slideId: later.slideIds[0], name: 's0.svs', patientId: 'p0' },
  ]);
  expect(await of(other)).toEqual([]);
  const nobody = await server.ask('/api/slides/00000000-0000-4000-8000-000000000000/same-patient');
  expect([nobody.statusCode, nobody.json().error.code]).toEqual([404, 'slide.unknown']);
});
