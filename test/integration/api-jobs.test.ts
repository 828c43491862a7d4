import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import type { JobDetail, RunPictures } from '@stroma/core/http/job';
import { claim, fail, heartbeat, succeed } from '@stroma/db/runs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCohort } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let origin: string;
const socket = path.join('/tmp', `stroma-api-test-${process.pid}.sock`);
beforeAll(async () => {
  server = await startApi({ inferenceSocket: socket });
  origin = await server.api.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await server.close();
  await rm(socket, { force: true });
});

const post = (url: string, payload?: object) => server.ask({ method: 'POST', url, ...(payload ? { payload } : {}) });
const jobOf = (cohortId: number, more: object = {}) => ({ cohortId, mpp: 0.5, preset: 'smoke', ...more });

async function newJob(more: object = {}) {
  const cohort = await insertCohort(server.database.db, { grades: ['0', '1', '0', null] });
  const answer = await post('/api/jobs', jobOf(cohort.cohortId, more));
  expect(answer.statusCode).toBe(201);
  return { ...cohort, id: answer.json().id as number };
}
const detailOf = async (id: number) => (await server.ask(`/api/jobs/${id}`)).json() as JobDetail;
const setRuns = (jobId: number, status: string) =>
  server.database.db.updateTable('run').set({ status }).where('jobId', '=', jobId).execute();

describe('a new job', () => {
  test('is stored as the graph of its stages', async () => {
    const { id, cohortId } = await newJob({ seed: 11, overrides: { train_dino: { epochs: 2 } } });
    const { rows } = await server.database.connection.pool.query(
      `select coalesce(run.encoder || ' ', '') || run.stage as run, role,
        coalesce(input.encoder || ' ', '') || input.stage as needs, count(*)::int
      from run join run_input on run_input.run_id = run.id join run input on input.id = input_run_id
      where run.job_id = $1 group by run.id, run.encoder, run.stage, role, needs order by run.id, role`,
      [id],
    );
    expect(rows.map((row) => `${row.run} <- ${row.role}: ${row.count} ${row.needs}`)).toEqual([
      'train_dino <- crops: 4 tile',
      'dino embed <- encoder: 1 train_dino',
      'dino train_abmil <- embeddings: 1 dino embed',
      'dino predict <- abmil: 1 dino train_abmil',
      'dino predict <- embeddings: 1 dino embed',
      'train_eldm <- encoder: 1 train_dino',
      'synthesize <- eldm: 1 train_eldm',
      'synthesize <- encoder: 1 train_dino',
      'train_gen_dino <- synthetic: 1 synthesize',
      'gen_dino embed <- encoder: 1 train_gen_dino',
      'gen_dino train_abmil <- embeddings: 1 gen_dino embed',
      'gen_dino predict <- abmil: 1 gen_dino train_abmil',
      'gen_dino predict <- embeddings: 1 gen_dino embed',
      'evaluate <- eldm: 1 train_eldm',
      'evaluate <- encoder: 1 train_dino',
      'evaluate <- gen_encoder: 1 train_gen_dino',
      'evaluate <- synthetic: 1 synthesize',
    ]);
    const runs = await server.database.db.selectFrom('run').selectAll().where('jobId', '=', id).execute();
    expect(new Set(runs.map((run) => run.seed))).toEqual(new Set([11]));
    const config = (stage: string) => runs.find((run) => run.stage === stage)?.config;
    expect(config('train_dino')).toEqual({ preset: 'smoke', overrides: { epochs: 2 }, cohortId, mpp: 0.5 });
    expect(config('synthesize')).toEqual({ preset: 'smoke', overrides: {}, cohortId, mpp: 0.5 });
  });

  test('shows its runs, counts its slides and leaves tile runs out', async () => {
    const { id } = await newJob();
    const job = await detailOf(id);
    expect(job).toMatchObject({ status: 'queued', preset: 'smoke', seed: 7, endedAt: null });
    expect(job.tiling).toEqual({ total: 4, done: 0, failed: 0, crops: 0, shards: 0 });
    expect(job.runs).toHaveLength(11);
    const dino = job.runs.find((run) => run.stage === 'train_dino');
    expect(dino?.inputs).toEqual([]);
    expect(job.runs.find((run) => run.stage === 'train_eldm')?.inputs).toEqual([dino?.id]);
  });

  test('uses tile runs that are queued already', async () => {
    const { cohortId } = await newJob();
    const before = await server.database.db.selectFrom('run').select('id').where('stage', '=', 'tile').execute();
    expect((await post('/api/jobs', jobOf(cohortId))).statusCode).toBe(201);
    const after = await server.database.db.selectFrom('run').select('id').where('stage', '=', 'tile').execute();
    expect(after).toEqual(before);
  });

  test.each([
    ['a cohort without labels', { grades: [null, null] }, {}, 'job.labels'],
    ['a single grade', { grades: ['1', '1', null] }, {}, 'job.labels'],
    ['slides of unknown scale', { grades: ['0', '1'], mpp: null }, {}, 'slide.no-mpp'],
    ['slides that would be enlarged', { grades: ['0', '1'], mpp: 0.6 }, {}, 'slide.too-coarse'],
    ['overrides of an unknown stage', { grades: ['0', '1'] }, { overrides: { tile: {} } }, 'job.overrides'],
    ['an unknown preset', { grades: ['0', '1'] }, { preset: 'huge' }, 'request.invalid'],
  ])('is refused for %s, and nothing is stored', async (_, cohort, more, code) => {
    const { cohortId } = await insertCohort(server.database.db, cohort);
    const answer = await post('/api/jobs', jobOf(cohortId, more));
    expect(answer.json().error.code).toBe(code);
    if (code.startsWith('slide.')) expect(answer.json().error.where).toBe('s0.svs, s1.svs');
    expect((await server.ask(`/api/jobs?cohortId=${cohortId}`)).json().jobs).toEqual([]);
  });

  test('may enlarge slides by up to 10 %', async () => {
    const { cohortId } = await insertCohort(server.database.db, { grades: ['0', '1'], mpp: 0.54 });
    expect((await post('/api/jobs', jobOf(cohortId))).statusCode).toBe(201);
  });
});

describe('a job’s state', () => {
  test('is the gravest of its runs’ states', async () => {
    const { id } = await newJob();
    const { db } = server.database;
    const status = async () => (await detailOf(id)).status;
    const setOne = (stage: string, to: string) =>
      db
        .updateTable('run')
        .set({ status: to, worker: 'w', leaseUntil: new Date(Date.now() + 60_000) })
        .where('jobId', '=', id)
        .where('stage', '=', stage)
        .execute();
    await setOne('train_dino', 'running');
    expect(await status()).toBe('running');
    await setOne('train_eldm', 'cancelled');
    expect(await status()).toBe('cancelled');
    await setOne('synthesize', 'failed');
    expect(await status()).toBe('failed');
    await setRuns(id, 'succeeded');
    expect(await status()).toBe('queued');
    await db.updateTable('run').set({ status: 'succeeded' }).where('stage', '=', 'tile').execute();
    expect(await status()).toBe('succeeded');
  });

  test('stop cancels what waits and asks what runs; resume queues it again', async () => {
    const { id } = await newJob();
    const { db } = server.database;
    await db.updateTable('run').set({ status: 'succeeded' }).where('stage', '=', 'tile').execute();
    await db
      .updateTable('run')
      .set({ status: 'cancelled' })
      .where('jobId', '<>', id)
      .where('status', '=', 'queued')
      .execute();
    const run = await claim(db, ['train_dino'], 'worker', 60);
    const lease = { runId: run?.id ?? 0, fence: run?.fence ?? 0 };

    const stopped = (await post(`/api/jobs/${id}/stop`)).json() as JobDetail;
    expect(stopped.runs.map((each) => each.status)).toEqual(['running', ...Array(10).fill('cancelled')]);
    expect(await heartbeat(db, lease, 60)).toBe('cancelled');

    await post(`/api/jobs/${id}/resume`);
    expect(await heartbeat(db, lease, 60)).toBe('held');
    await fail(db, lease, { code: 'x', message: 'it broke' });
    expect((await detailOf(id)).runs[0]).toMatchObject({ status: 'failed', error: { message: 'it broke' } });

    const resumed = (await post(`/api/jobs/${id}/resume`)).json() as JobDetail;
    expect(resumed.status).toBe('queued');
    expect(resumed.runs[0]).toMatchObject({ status: 'queued', attempt: 0, error: null, endedAt: null });
    const again = await claim(db, ['train_dino'], 'worker', 60);
    await succeed(db, { runId: again?.id ?? 0, fence: again?.fence ?? 0 }, {});
  });

  test('a run that an alarm stopped goes on in spite of it, when a person says so', async () => {
    const { id } = await newJob();
    const { db } = server.database;
    const failed = async (stage: string, code: string) => {
      const error = JSON.stringify({ code, message: 'it stopped' });
      await db
        .updateTable('run')
        .set({ status: 'failed', error })
        .where('jobId', '=', id)
        .where('stage', '=', stage)
        .execute();
    };
    const ignores = async (stage: string) => {
      const query = db.selectFrom('run').select('config').where('jobId', '=', id).where('stage', '=', stage);
      return (await query.executeTakeFirstOrThrow()).config as { ignoreAlarms?: boolean; preset?: string };
    };
    await failed('train_dino', 'trainer.alarm_uniform');
    await failed('train_eldm', 'trainer.non_finite_loss');
    await post(`/api/jobs/${id}/resume`);
    expect((await ignores('train_dino')).ignoreAlarms).toBeUndefined();

    await failed('train_dino', 'trainer.alarm_uniform');
    await failed('train_eldm', 'trainer.non_finite_loss');
    const resumed = (await post(`/api/jobs/${id}/resume?ignoreAlarms=true`)).json() as JobDetail;
    expect(resumed.status).toBe('queued');
    expect(await ignores('train_dino')).toMatchObject({ ignoreAlarms: true, preset: 'smoke' });
    expect((await ignores('train_eldm')).ignoreAlarms).toBeUndefined();
    const { action } = await db
      .selectFrom('auditEvent')
      .select('action')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(action).toBe('job.resumed-ignoring-alarms');
    expect((await post(`/api/jobs/${id}/resume?ignoreAlarms=maybe`)).statusCode).toBe(400);
  });

  test('a run whose worker is gone is cancelled by stop itself', async () => {
    const { id } = await newJob();
    await server.database.db
      .updateTable('run')
      .set({ status: 'running', worker: 'dead', leaseUntil: new Date(Date.now() - 1000) })
      .where('jobId', '=', id)
      .where('stage', '=', 'train_dino')
      .execute();
    const stopped = (await post(`/api/jobs/${id}/stop`)).json() as JobDetail;
    expect(new Set(stopped.runs.map((run) => run.status))).toEqual(new Set(['cancelled']));
  });
});

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
  const until = async (wanted: string) => {
    while (!text.includes(wanted)) text += (await reader?.read())?.value ?? '';
  };
  const ring = (runId: number | undefined) =>
    server.database.connection.pool.query('select pg_notify($1, $2)', ['stroma_run', String(runId)]);
  const startedAt = Date.now();
  for (let i = 0; i < 20; i += 1) {
    await ring(first?.id);
    await ring(second?.id);
    await ring(999_999);
  }
  await until(`{"runId":${first?.id}}`);
  await until(`{"runId":${second?.id}}`);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await ring(first?.id);
  await until(`{"runId":${first?.id}}\n\n`.repeat(1));
  const events = text.match(/event: change/g)?.length ?? 0;
  expect(events).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 500) + 1);
  expect(text).not.toContain('999999');
  await reader?.cancel();
});

async function walkCrops() {
  const { connection } = server.database;
  const { id, slideIds } = await newJob();
  const other = await insertCohort(server.database.db, { grades: ['0'] });
  const ids: string[] = [];
  for (const slideId of [slideIds[0], slideIds[1], other.slideIds[0]]) {
    const { rows } = await connection.pool.query(
      `insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px) values ($1, 'walk', '{}', 0.5, 256, 256) returning id`,
      [slideId],
    );
    const set = rows[0].id;
    await connection.pool.query(`create table crop_${set} partition of crop for values in (${set})`);
    await connection.pool.query(`insert into crop values ($1, 0, 0, 0, 1, 0, 0, 1)`, [set]);
    ids.push(`${set}:0`);
  }
  return { id, primaryCropId: ids[0], secondaryCropId: ids[1], foreign: ids[2] };
}

describe('a walk', () => {
  test('says that the inference service is away', async () => {
    const { id, primaryCropId, secondaryCropId } = await walkCrops();
    const answer = await post(`/api/jobs/${id}/interpolations`, { primaryCropId, secondaryCropId, alphaPrimary: 0.5 });
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'inference.unreachable']);
  });

  test('is forwarded with the job’s number; answers and Problems come back; other slides’ crops do not pass', async () => {
    const { id, primaryCropId, secondaryCropId, foreign } = await walkCrops();
    const received: unknown[] = [];
    const inference = createServer(async (request, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      received.push([request.method, request.url, body]);
      if (body.alphaPrimary === 1) {
        answer.statusCode = 409;
        answer.end(JSON.stringify({ error: { code: 'walk.eldm', message: 'No E-LDM yet.' } }));
        return;
      }
      const { alphaPrimary } = body;
      const similarity = { similarityPrimary: 0.9, similaritySecondary: null };
      const judged = { grades: [{ encoder: 'dino', probabilities: [0.25, 0.75] }], nearest: null };
      const drawn = { alphaPrimary, sampler: 'ddim', steps: 4, seconds: 1.5, synthetic: true, png: 'AAAA' };
      answer.end(JSON.stringify({ ...drawn, ...similarity, ...judged }));
    }).listen(socket);
    const walk = (more: object) =>
      post(`/api/jobs/${id}/interpolations`, { primaryCropId, secondaryCropId, alphaPrimary: 0.25, ...more });
    expect((await walk({ steps: 4 })).json()).toMatchObject({
      png: 'AAAA',
      similaritySecondary: null,
      grades: [{ encoder: 'dino', probabilities: [0.25, 0.75] }],
    });
    expect(received).toEqual([
      [
        'POST',
        '/interpolations',
        { jobId: id, primaryCropId, secondaryCropId, alphaPrimary: 0.25, steps: 4, replica: 0 },
      ],
    ]);
    const refused = await walk({ alphaPrimary: 1 });
    expect([refused.statusCode, refused.json().error.code]).toEqual([409, 'walk.eldm']);
    expect((await walk({ secondaryCropId: foreign })).json().error.code).toBe('interpolation.crop');
    expect((await walk({ secondaryCropId: '1:2:3' })).json().error.code).toBe('request.invalid');
    expect(received).toHaveLength(2);
    inference.close();
  });
});

describe('a walk’s page', () => {
  const answering = (answers: Record<string, object>) =>
    createServer((request, answer) => answer.end(JSON.stringify(answers[request.url ?? ''] ?? {}))).listen(socket);

  test('starts from the crops’ places and the slide’s grades in which the crop takes part', async () => {
    const { id, primaryCropId, secondaryCropId } = await walkCrops();
    const slides = await placesOf([primaryCropId, secondaryCropId]);
    const inference = answering({ '/walks/opening': { steps: 10, guidanceScale: 1.75, imagePx: 64 } });
    const query = new URLSearchParams({ primaryCropId: primaryCropId ?? '', secondaryCropId: secondaryCropId ?? '' });
    const detail = (await server.ask(`/api/jobs/${id}/walk?${query}`)).json();
    expect(detail).toMatchObject({
      jobId: id,
      steps: 10,
      primary: { cropId: primaryCropId, slideId: slides[0] },
      secondary: { cropId: secondaryCropId, slideId: slides[1] },
      grades: [],
    });
    inference.close();
  });

  test('gives files under a name that says synthetic, and refuses other formats, cohorts and grades', async () => {
    const { id, primaryCropId, secondaryCropId, foreign } = await walkCrops();
    const name = 'synthetic_walk.gif';
    const inference = answering({ '/walks/file': { name, type: 'image/gif', content: 'R0lGODlh' } });
    const file = (more: Record<string, string>) => {
      const query = { primaryCropId: primaryCropId ?? '', secondaryCropId: secondaryCropId ?? '', ...more };
      return server.ask(`/api/jobs/${id}/walk/file?${new URLSearchParams(query)}`);
    };
    const gif = await file({ format: 'gif' });
    expect(gif.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
    expect(gif.rawPayload.toString('latin1')).toBe('GIF89a');
    for (const [more, code] of [
      [{ format: 'bmp' }, 'request.invalid'],
      [{ format: 'png', pictures: '42' }, 'request.invalid'],
      [{ format: 'png', sampler: 'plms' }, 'request.invalid'],
      [{ format: 'png', secondaryCropId: foreign ?? '' }, 'interpolation.crop'],
    ] as const) {
      expect((await file(more)).json().error.code).toBe(code);
    }
    const towards = await post('/api/predictions/999999/walks', { grade: 1 });
    expect([towards.statusCode, towards.json().error.code]).toEqual([404, 'prediction.unknown']);
    expect((await post('/api/predictions/999999/walks', { grade: -1 })).json().error.code).toBe('request.invalid');
    expect((await server.ask(`/api/jobs/999999/walk?primaryCropId=1:0&secondaryCropId=1:0`)).statusCode).toBe(404);
    inference.close();
  });

  async function placesOf(cropIds: (string | undefined)[]) {
    const sets = await server.database.db.selectFrom('cropSet').select(['id', 'slideId']).execute();
    return cropIds.map((cropId) => sets.find((set) => cropId === `${set.id}:0`)?.slideId);
  }
});

test('a walk that nobody waits for any more is given up in the inference service, too', async () => {
  const { id, primaryCropId, secondaryCropId } = await walkCrops();
  let gaveUp = false;
  const inference = createServer((request) => request.socket.once('close', () => (gaveUp = true))).listen(socket);
  const asked = new Promise((resolve) => inference.once('request', resolve));
  const gone = new AbortController();
  const answer = fetch(`${origin}/api/jobs/${id}/interpolations`, {
    method: 'POST',
    headers: { ...server.browser, 'content-type': 'application/json' },
    body: JSON.stringify({ primaryCropId, secondaryCropId, alphaPrimary: 0.5 }),
    signal: gone.signal,
  }).catch(() => 'gone');
  await asked;
  gone.abort();
  expect(await answer).toBe('gone');
  await expect.poll(() => gaveUp).toBe(true);
  inference.close();
});

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
