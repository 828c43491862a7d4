import { codedSlideName } from '@stroma/core/coded-name';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobsThrough } from './api-job-requests.ts';
import { startApi, type TestApi } from './api-server.ts';
import { cropsASlide, dim, embeddedCohort } from './embedded-cohort.ts';

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

  test('tells how far its writing is', async () => {
    const { db } = server.database;
    const { id } = await newJob();
    await setRuns(id, 'succeeded');
    const made = (await post('/api/exports', { jobId: id, encoder: 'dino', layout: 'parquet' })).json();
    expect(made).toMatchObject({ status: 'queued', progress: null });
    const progress = { phase: 'export', done: 3, total: 8, unit: 'slide', ratePerS: 1.5 };
    await db
      .updateTable('run')
      .set({ status: 'running', worker: 'w', leaseUntil: new Date(), progress: JSON.stringify(progress) })
      .where('config', '@>', JSON.stringify({ exportId: made.id }))
      .execute();
    const shown = (await server.ask(`/api/exports/${made.id}`)).json();
    expect(shown).toMatchObject({ status: 'running', progress });
    expect((await server.ask(`/api/exports/${made.id}/download`)).json().error.found).toBe('running');
  });
});

describe('before an export is asked for', () => {
  const ask = async (url: string) => (await server.ask(url)).json();

  test('nothing is offered of a job that has embedded nothing, or of no job', async () => {
    const { id } = await newJob();
    expect(await ask(`/api/jobs/${id}/export-plan`)).toEqual({ exports: [] });
    expect(await ask(`/api/jobs/${id}/export-slides?encoder=dino&layout=clam`)).toEqual({ slides: [] });
    expect((await ask('/api/jobs/999999/export-plan')).error.code).toBe('job.unknown');
    expect((await ask(`/api/jobs/${id}/export-slides?encoder=dino&layout=hdf`)).error.code).toBe('request.invalid');
  });

  test('it says how many slides and crops it is, how large, which slides, and how long the last one took', async () => {
    const { connection } = server.database;
    const { jobId, slides } = await embeddedCohort(connection, server.store);
    const url = `/api/jobs/${jobId}/export-plan`;
    const { exports } = await ask(url);
    const sum = { encoder: 'dino', slides: 4, crops: 4 * cropsASlide, seconds: null };
    expect(exports).toMatchObject([
      { ...sum, layout: 'parquet', fileName: expect.stringMatching(/^stroma-cohort-.*-dino-parquet\.zip$/) },
      { ...sum, layout: 'clam' },
    ]);
    const [parquet] = exports;
    expect(parquet.bytes).toBeGreaterThan(2 * dim * 4 * cropsASlide * 0.8);

    // The last export wrote 1,000 bytes in half a second.
    const { rows } = await connection.pool.query(
      `insert into run (stage, status, result) values ('export', 'succeeded', '{"seconds": 0.5}') returning id`,
    );
    await connection.pool.query(
      `insert into export (run_id, cohort_id, job_id, encoder, layout, status, object_key, sha256, bytes)
       select $1, cohort_id, id, 'dino', 'parquet', 'ready', 'k', 'x', 1000 from job where id = $2`,
      [rows[0].id, jobId],
    );
    expect((await ask(url)).exports[0].seconds).toBeCloseTo(parquet.bytes / 2000, 6);

    const held = `/api/jobs/${jobId}/export-slides?encoder=dino&layout=clam`;
    const coded = (await ask(held)).slides;
    expect(coded[0]).toEqual({
      slideId: slides[0]?.id,
      name: 's0.svs',
      file: codedSlideName(slides[0]?.id ?? ''),
      label: 'benign',
      crops: cropsASlide,
    });
    const uploaded = (await ask(`${held}&names=uploaded`)).slides;
    expect(uploaded.map(({ file }: { file: string }) => file)).toEqual(['s0', 's1', 's2', 's3']);
    expect((await ask(`/api/jobs/${jobId}/export-slides?encoder=dino&layout=scores`)).slides).toEqual([]);
  });
});
