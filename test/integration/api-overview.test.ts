import type { Overview } from '@stroma/core/http/overview';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertCohort, insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const overview = async () => (await server.ask('/api/overview')).json() as Overview;

test('an empty platform has nothing that waits for a person', async () => {
  const found = await overview();
  expect(found).toMatchObject({
    slides: { total: 0, ready: 0, scaleOpen: 0, arriving: 0, cut: 0, crops: 0 },
    cohorts: { total: 0, slides: 0 },
    jobs: [],
    gradedJob: null,
    needs: { failedReadings: 0, failedJobs: [], leaks: [] },
    storage: { slideBytes: 0, cropBytes: 0, exportBytes: 0 },
  });
  expect(found.storage.freeBytes).toBeGreaterThan(0);
  expect(found.storage.diskBytes).toBeGreaterThanOrEqual(found.storage.freeBytes);
  expect((await server.api.inject({ url: '/api/overview', headers: { accept: 'application/json' } })).statusCode).toBe(
    401,
  );
});

test('slides by state, open jobs with what runs, failures with their alarm, leaks and the newest graded job', async () => {
  const { db } = server.database;
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['a', 'b', 'a', 'b'] });
  await insertSlide(db, { name: 'no-scale.svs', mpp: null });
  const [one, other, third] = slideIds as [string, string, string];
  const twins = [
    [one, other],
    // In the same fold: counted twice, but no leak.
    [one, third],
  ].flatMap(([slideId, twinId]) => [
    { slideId: slideId as string, twinId: twinId as string, kind: 'pixels', distance: 0 },
    { slideId: twinId as string, twinId: slideId as string, kind: 'pixels', distance: 0 },
  ]);
  await db.insertInto('slideDuplicate').values(twins).execute();
  const job = async () => {
    const payload = { cohortId, mpp: 0.5, preset: 'smoke' };
    return (await server.ask({ method: 'POST', url: '/api/jobs', payload })).json().id as number;
  };
  const [graded, failed, running] = [await job(), await job(), await job()];
  const ofJob = (id: number, stage: string) =>
    db
      .updateTable('run')
      .where('jobId', '=', id)
      .where('stage', '=', stage)
      .where('encoder', 'is not distinct from', null);
  await db.updateTable('run').set({ status: 'succeeded' }).where('jobId', '=', graded).execute();
  await ofJob(failed, 'train_dino')
    .set({ status: 'failed', error: { code: 'trainer.alarm_collapse', message: 'The teacher collapsed.' } })
    .execute();
  const progress = { phase: 'dino', done: 3, total: 12, unit: 'step', ratePerS: 1.5 };
  await ofJob(running, 'train_dino')
    .set({
      status: 'running',
      worker: 'w',
      leaseUntil: new Date(Date.now() + 60_000),
      progress: JSON.stringify(progress),
    })
    .execute();

  const found = await overview();
  expect(found.slides).toMatchObject({ total: 5, ready: 4, scaleOpen: 1, cut: 0 });
  expect(found.cohorts).toEqual({ total: 1, slides: 4 });
  expect(found.jobs.find((each) => each.id === running)).toMatchObject({
    preset: 'smoke',
    status: 'running',
    done: 0,
    total: 12,
    running: [
      { stage: 'tile', progress: { done: 0, total: 4, unit: 'slide' } },
      { stage: 'train_dino', encoder: null, progress },
    ],
  });
  expect(found.gradedJob).toMatchObject({ id: graded });
  expect(found.needs.failedJobs).toMatchObject([
    { id: failed, stage: 'train_dino', alarm: true, problem: { message: 'The teacher collapsed.' } },
  ]);
  expect(found.needs.leaks).toMatchObject([{ id: cohortId, pairs: 1 }]);
  expect(found.storage.slideBytes).toBe(5000);
});
