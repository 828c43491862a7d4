import { createHash } from 'node:crypto';
import type { RunPictures } from '@stroma/core/http/job';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobsThrough } from './api-job-requests.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let origin: string;
beforeAll(async () => {
  server = await startApi();
  origin = await server.api.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());
const { newJob, detailOf } = jobsThrough(() => server);

test('metrics are thinned to 1,000 points a series, the last one kept', async () => {
  const { id } = await newJob();
  const runId = (await detailOf(id)).runs[0]?.id ?? 0;
  await server.database.connection.pool.query(
    `insert into run_event (run_id, position, kind, data)
     select $1::int, n, 'metric', jsonb_build_object('phase', 'dino', 'step', n, 'values',
       case when n % 1000 = 0 then jsonb_build_object('loss', n, 'center_norm', 1) else jsonb_build_object('loss', n) end)
     from generate_series(1, 20500) as n
     union all select $1::int, 30000, 'log', '{"message": "epoch 1"}'`,
    [runId],
  );
  const { series, log } = (await server.ask(`/api/runs/${runId}/metrics`)).json();
  const [loss, norm] = series;
  expect([loss.phase, loss.name, norm.name]).toEqual(['dino', 'loss', 'center_norm']);
  expect(loss.steps.length).toBeGreaterThan(500);
  expect(loss.steps.length).toBeLessThanOrEqual(1000);
  expect(loss.steps).toEqual([...loss.steps].sort((a: number, b: number) => a - b));
  expect(loss.steps.at(-1)).toBe(20500);
  expect(norm.steps).toHaveLength(20);
  expect(log).toMatchObject([{ message: 'epoch 1' }]);
});

describe('an evaluation’s report', () => {
  test('is served as a page that can run nothing and ask for nothing', async () => {
    const { id } = await newJob();
    const run = (await detailOf(id)).runs.find((one) => one.stage === 'evaluate');
    const url = `/api/runs/${run?.id}/report`;
    const missing = await server.ask(url);
    expect([missing.statusCode, missing.json().error.code]).toEqual([404, 'run.no-report']);
    await server.store.put(`runs/${run?.id}/report.html`, Buffer.from('<!doctype html><script>alert(1)</script>'));
    const answer = await server.ask(url);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = String(answer.headers['content-security-policy']).split('; ');
    expect(policy).toEqual(expect.arrayContaining(['sandbox', "default-src 'none'", "frame-ancestors 'none'"]));
    expect(policy.join(' ')).not.toContain('allow-');
    expect(policy.join(' ')).not.toContain('script-src');
    const again = await server.ask({ url, headers: { 'if-none-match': String(answer.headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect(again.headers['content-security-policy']).toBe(answer.headers['content-security-policy']);
    expect((await server.ask('/api/runs/999999/report')).statusCode).toBe(404);
    expect((await server.api.inject(url)).statusCode).toBe(401);
  });
});

describe('a run’s pictures', () => {
  const png = Buffer.from('\u0089PNG\r\n\u001a\na picture', 'latin1');
  const sha256 = createHash('sha256').update(png).digest('hex');
  const file = 'pictures/unet-samples-00000008.png';
  async function withPicture() {
    const { id } = await newJob();
    const runId = (await detailOf(id)).runs.find((run) => run.stage === 'train_eldm')?.id ?? 0;
    const data = {
      ...{ phase: 'unet', step: 8, epoch: 1, name: 'samples', path: file, sha256, bytes: png.length },
      ...{ width: 2, height: 2, caption: 'Synthetic crops.', synthetic: true },
    };
    const row = { runId, position: 10, at: new Date(), kind: 'picture', data: JSON.stringify(data) };
    await server.database.db.insertInto('runEvent').values(row).execute();
    const key = `runs/${runId}/${file}`;
    await server.store.put(key, png);
    return { runId, key, url: `/api/runs/${runId}/pictures/${sha256}` };
  }

  test('are listed without their paths and served as they are, to be kept for ever', async () => {
    const { runId, url } = await withPicture();
    const { pictures } = (await server.ask(`/api/runs/${runId}/pictures`)).json() as RunPictures;
    expect(pictures).toMatchObject([{ name: 'samples', step: 8, epoch: 1, synthetic: true, sha256 }]);
    expect(pictures[0]).not.toHaveProperty('path');
    const answer = await server.ask(url);
    expect(answer.rawPayload).toEqual(png);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect(answer.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    const again = await server.ask({ url, headers: { 'if-none-match': String(answer.headers.etag) } });
    expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
  });

  test('are for those who are signed in', async () => {
    const { url } = await withPicture();
    const answer = await server.api.inject({ url });
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'access.unknown']);
  });

  test('of another run, of a content nobody knows, gone or made anew are not there', async () => {
    const { runId, url, key } = await withPicture();
    const other = await withPicture();
    await server.database.db.deleteFrom('runEvent').where('runId', '=', other.runId).execute();
    const codeOf = async (path: string) => {
      const answer = await server.ask(path);
      return [answer.statusCode, answer.json().error.found, answer.headers['cache-control']];
    };
    expect(await codeOf(other.url)).toEqual([404, 'no event of the run names it', 'no-store']);
    const unknown = `/api/runs/${runId}/pictures/${'0'.repeat(64)}`;
    expect(await codeOf(unknown)).toEqual([404, 'no event of the run names it', 'no-store']);
    expect(await codeOf('/api/runs/999999/pictures')).toEqual([404, 'run 999999', 'no-store']);
    expect((await server.ask(`/api/runs/${runId}/pictures/..%2f..%2fconfig.json`)).statusCode).toBe(400);
    await server.store.put(key, Buffer.from('another picture'));
    expect(await codeOf(url)).toEqual([404, 'it was made anew', 'no-store']);
    await server.store.remove(key);
    expect(await codeOf(url)).toEqual([404, 'its file is gone', 'no-store']);
  });
});

test('changes of a job’s runs arrive as server-sent events, at most two a second', async () => {
  const { id } = await newJob();
  const [first, second] = (await detailOf(id)).runs;
  const stream = await fetch(`${origin}/api/jobs/${id}/events`, { headers: { cookie: server.browser.cookie ?? '' } });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (runId: number | undefined, times: number) => {
    while (text.split(`{"runId":${runId}}`).length <= times) text += (await reader?.read())?.value ?? '';
  };
  const ring = (runId: number | undefined) =>
    server.database.connection.pool.query('select pg_notify($1, $2)', ['stroma_run', String(runId)]);
  const startedAt = Date.now();
  for (let i = 0; i < 20; i += 1) {
    await ring(first?.id);
    await ring(second?.id);
    await ring(999_999);
  }
  await until(first?.id, 1);
  await until(second?.id, 1);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await ring(first?.id);
  await until(first?.id, 2);
  const events = text.match(/event: change/g)?.length ?? 0;
  expect(events).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 500) + 1);
  expect(text).not.toContain('999999');
  await reader?.cancel();
});
