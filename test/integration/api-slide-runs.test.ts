import { enqueue } from '@stroma/db/runs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

describe('the work done on a slide', () => {
  test('tells stage, steps, damaged places and the reason of a failure', async () => {
    const { db } = server.database;
    const slideId = await insertSlide(db, { name: 'slow.svs' });
    const runId = await enqueue(db, { stage: 'tile', slideId, config: { cropSetId: 1 } });
    const step = { runId, attempt: 0, startedAt: new Date() };
    await db
      .insertInto('runStep')
      .values([
        { ...step, name: 'cut', seconds: 2 },
        { ...step, name: 'cut', seconds: 1.5 },
        { ...step, name: 'store', seconds: 0.25 },
        { ...step, attempt: 7, name: 'of an earlier attempt', seconds: 9 },
      ])
      .execute();
    const place = { x0: 256, y0: 512, width0: 256, height0: 256 };
    const result = JSON.stringify({ skippedCrops: 1, unreadableTiles: 1, unreadablePlaces: [place] });
    await db.updateTable('run').set({ result }).where('id', '=', runId).execute();
    const { runs } = (await server.ask(`/api/slides/${slideId}/runs`)).json();
    expect(runs).toMatchObject([
      {
        id: runId,
        stage: 'tile',
        status: 'queued',
        waitedSeconds: null,
        steps: [
          { name: 'cut', seconds: 3.5, times: 2 },
          { name: 'store', seconds: 0.25, times: 1 },
        ],
        skippedCrops: 1,
        unreadablePlaces: [place],
      },
    ]);
    const unknown = await server.ask('/api/slides/00000000-0000-4000-8000-000000000000/runs');
    expect(unknown.json().error.code).toBe('slide.unknown');
  });
});

describe('a retry', () => {
  const retry = async (id: number) => await server.ask({ method: 'POST', url: `/api/runs/${id}/retry` });

  test('queues a failed run again and is written down', async () => {
    const { db } = server.database;
    const runId = await enqueue(db, { stage: 'read_slide', config: { uploadId: 'x', fileName: 'lost.svs' } });
    const error = JSON.stringify({ code: 'internal', message: 'The disk was full.' });
    await db.updateTable('run').set({ status: 'failed', error, attempt: 8 }).where('id', '=', runId).execute();
    const listed = (await server.ask('/api/failed-readings')).json();
    expect(listed.readings).toMatchObject([{ runId, name: 'lost.svs', error: { message: 'The disk was full.' } }]);
    expect((await retry(runId)).statusCode).toBe(202);
    const run = await db.selectFrom('run').selectAll().where('id', '=', runId).executeTakeFirstOrThrow();
    expect(run).toMatchObject({ status: 'queued', attempt: 0, error: null });
    const entry = await db.selectFrom('auditEvent').select('action').where('subject', '=', `run:${runId}`).execute();
    expect(entry).toEqual([{ action: 'run.retried' }]);
  });

  test('of a run that goes on, of an export and of none is refused', async () => {
    const { db } = server.database;
    const open = await enqueue(db, { stage: 'tile', config: {} });
    expect((await retry(open)).json().error).toMatchObject({ code: 'run.not_retried', found: 'tile, queued' });
    const taken = await enqueue(db, { stage: 'export', config: {} });
    await db.updateTable('run').set({ status: 'failed' }).where('id', '=', taken).execute();
    expect((await retry(taken)).json().error.remedy).toBe('Ask for a new export.');
    expect((await retry(999_999)).statusCode).toBe(404);
  });
});
