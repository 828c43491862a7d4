import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobsThrough } from './api-job-requests.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());
const { post, newJob, setRuns } = jobsThrough(() => server);

describe('an export', () => {
  test('waits for embeddings, then is made by a run and taken away under a safe name', async () => {
    const { db } = server.database;
    const { id, cohortId } = await newJob();
    await db.updateTable('cohort').set({ name: '../Ex "1" ü' }).where('id', '=', cohortId).execute();
    const wanted = { jobId: id, encoder: 'dino', layout: 'clam' };
    expect((await post('/api/exports', wanted)).json().error.code).toBe('export.embeddings');
    await db
      .updateTable('run')
      .set({ status: 'succeeded' })
      .where('jobId', '=', id)
      .where('stage', '=', 'embed')
      .execute();
    const scores = (await post('/api/exports', { ...wanted, layout: 'scores' })).json();
    expect(scores.error).toMatchObject({ code: 'export.scores', expected: 'a finished predict run of DINO' });
    const made = (await post('/api/exports', wanted)).json();
    expect(made).toMatchObject({ ...wanted, status: 'queued', bytes: null });
    const run = await db.selectFrom('run').selectAll().where('stage', '=', 'export').executeTakeFirstOrThrow();
    expect([run.jobId, run.config]).toEqual([null, { exportId: made.id }]);
    expect((await server.ask(`/api/exports/${made.id}/download`)).json().error.code).toBe('export.not-ready');

    const { key, bytes, sha256 } = await server.store.put(`exports/${made.id}.zip`, Buffer.from('zip'));
    await db
      .updateTable('export')
      .set({ status: 'ready', objectKey: key, bytes, sha256 })
      .where('id', '=', made.id)
      .execute();
    const download = await server.ask(`/api/exports/${made.id}/download`);
    expect(download.body).toBe('zip');
    expect(download.headers).toMatchObject({
      'content-length': '3',
      etag: `"${sha256}"`,
      'content-disposition': 'attachment; filename="stroma-Ex-1-u-dino-clam.zip"',
    });
    const again = await server.ask({
      url: `/api/exports/${made.id}/download`,
      headers: { 'if-none-match': `"${sha256}"` },
    });
    expect(again.statusCode).toBe(304);
    expect((await server.ask(`/api/exports?jobId=${id}`)).json().exports).toMatchObject([
      { status: 'ready', bytes: 3 },
    ]);
  });

  test('is shown as failed with the run’s Problem', async () => {
    const { db } = server.database;
    const { id } = await newJob();
    await setRuns(id, 'succeeded');
    const made = (await post('/api/exports', { jobId: id, encoder: 'gen_dino', layout: 'parquet' })).json();
    const error = JSON.stringify({ code: 'export.room', message: 'no room' });
    await db.updateTable('run').set({ status: 'failed', error }).where('stage', '=', 'export').execute();
    const shown = (await server.ask(`/api/exports/${made.id}`)).json();
    expect(shown).toMatchObject({ status: 'failed', error: { message: 'no room' } });
  });
});
