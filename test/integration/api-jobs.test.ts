import type { JobDetail } from '@stroma/core/http/job';
import { claim, fail, heartbeat, succeed } from '@stroma/db/runs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCohort } from './api-data.ts';
import { jobOf, jobsThrough } from './api-job-requests.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());
const { post, newJob, detailOf, setRuns } = jobsThrough(() => server);

const abmil = (settings: object) => ({ overrides: { train_abmil: settings } });

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
    expect(job).toMatchObject({ status: 'queued', preset: 'smoke', seed: 7, endedAt: null, overrides: {} });
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
    ['an unknown setting', { grades: ['0', '1'] }, abmil({ gatd: true }), 'job.overrides'],
    ['gates that are no yes or no', { grades: ['0', '1'] }, abmil({ gated: 'maybe' }), 'job.overrides'],
    ['a projection to less than nothing', { grades: ['0', '1'] }, abmil({ proj_dim: -1 }), 'job.overrides'],
    ['a projection to half a dimension', { grades: ['0', '1'] }, abmil({ proj_dim: 0.5 }), 'job.overrides'],
    ['no model a fold', { grades: ['0', '1'] }, abmil({ seeds: 0 }), 'job.overrides'],
    ['an unknown preset', { grades: ['0', '1'] }, { preset: 'huge' }, 'request.invalid'],
  ])('is refused for %s, and nothing is stored', async (_, cohort, more, code) => {
    const { cohortId } = await insertCohort(server.database.db, cohort);
    const answer = await post('/api/jobs', jobOf(cohortId, more));
    expect(answer.json().error.code).toBe(code);
    if (code.startsWith('slide.')) expect(answer.json().error.where).toBe('s0.svs, s1.svs');
    expect((await server.ask(`/api/jobs?cohortId=${cohortId}`)).json().jobs).toEqual([]);
  });

  test('says which setting of ABMIL is refused, and what it may be', async () => {
    const { cohortId } = await insertCohort(server.database.db, { grades: ['0', '1'] });
    const { error } = (await post('/api/jobs', jobOf(cohortId, abmil({ seeds: 101 })))).json();
    expect(error).toMatchObject({
      ...{ expected: '<= 100', found: '101', where: 'body.overrides.train_abmil.seeds' },
      remedy: expect.stringContaining('the preset has one of its own'),
    });
  });

  test('keeps ABMIL’s settings, gives them to both encoders’ folds, and tells them', async () => {
    const settings = { gated: true, proj_dim: 256, seeds: 3, precision: 'fp32' };
    const { id } = await newJob(abmil(settings));
    expect((await detailOf(id)).overrides).toEqual({ train_abmil: settings });
    const runs = await server.database.db
      .selectFrom('run')
      .select(['stage', 'config'])
      .where('jobId', '=', id)
      .execute();
    const given = runs.filter((run) => 'gated' in (run.config as { overrides: object }).overrides);
    expect(given.map((run) => run.stage)).toEqual(['train_abmil', 'train_abmil']);
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
