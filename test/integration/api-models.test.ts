import { createHash } from 'node:crypto';
import { createToken } from '@stroma/db/accounts';
import { enqueue } from '@stroma/db/runs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrive, insertTraining, type Training } from './active-model.ts';
import { insertPrediction } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let training: Training;
beforeAll(async () => {
  server = await startApi();
  training = await insertTraining(server.database.db);
});
afterAll(() => server.close());

const post = (url: string, body?: object) => server.ask({ method: 'POST', url, ...(body ? { payload: body } : {}) });
const gradingRuns = (slideId: string) =>
  server.database.db
    .selectFrom('run')
    .selectAll()
    .where('stage', '=', 'grade_slide')
    .where('slideId', '=', slideId)
    .orderBy('id')
    .execute();
const slide = async (id: string) => (await server.ask(`/api/slides/${id}`)).json();

describe('the models of the registry', () => {
  test('are trainings with their networks, the folds of one together', async () => {
    const { models } = (await server.ask('/api/models')).json();
    expect(models).toMatchObject([
      {
        runId: training.abmil,
        kind: 'abmil',
        encoder: 'dino',
        networks: 3,
        seed: 7,
        codeRevision: 'abc123',
        active: null,
      },
      { runId: training.dino, kind: 'encoder', encoder: 'dino', networks: 1, cohortId: training.cohortId },
    ]);
    const unknown = await server.ask(`/api/models/${training.embed}`);
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json().error.code).toBe('model.unknown');
  });

  test('tell measures with intervals, what they were taken on, and parity', async () => {
    const metrics = { n_slides: 36, n_folds: 3, macro_auc: 0.83, ci: { macro_auc: [0.76, 0.89] }, out_of_fold: [{}] };
    const measured = await insertTraining(server.database.db, {
      result: { slides: 3, crops: 12, metrics, parity: { 'abmil.onnx': 1e-6 } },
    });
    expect((await server.ask(`/api/models/${measured.abmil}`)).json()).toMatchObject({
      slides: 3,
      crops: 12,
      measures: [{ name: 'macro_auc', value: 0.83, low: 0.76, high: 0.89 }],
      measuredOn: { slides: 36, folds: 3 },
      parity: { 'abmil.onnx': 1e-6 },
    });
  });

  test('send their files with their sums, and no other file', async () => {
    const { db } = server.database;
    const bytes = Buffer.from('weights');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = { path: 'model/encoder.safetensors', sha256, bytes: bytes.length };
    const checkpoints = [{ kind: 'encoder', fold: null, files: [file], card: {} }];
    const result = { version: 1, stage: 'train_dino', run_id: '1', seconds: 2, code_revision: 'abc123' };
    const whole = { ...result, losses: {}, metrics: {}, parity: {}, checkpoints };
    const { dino } = await insertTraining(db, { result: whole });
    await server.store.put(`runs/${dino}/model/encoder.safetensors`, bytes);
    await server.store.put(`runs/${dino}/config.json`, Buffer.from('{}'));
    expect((await server.ask(`/api/models/${dino}`)).json().files).toEqual([file]);
    const url = (path: string) => `/api/models/${dino}/file?path=${encodeURIComponent(path)}`;
    const sent = await server.ask(url(file.path));
    expect(sent.rawPayload).toEqual(bytes);
    expect(sent.headers['repr-digest']).toBe(`sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`);
    expect(sent.headers['content-disposition']).toContain(`stroma-model-${dino}-encoder.safetensors`);
    for (const other of ['config.json', 'model/../config.json', '/etc/passwd']) {
      expect((await server.ask(url(other))).json().error.code, other).toBe('model.file_unknown');
    }
    expect((await server.api.inject(url(file.path))).statusCode).toBe(401);
    await server.store.put(`runs/${dino}/model/encoder.safetensors`, Buffer.from('weight'));
    expect((await server.ask(url(file.path))).json().error.code).toBe('model.file_changed');
  });
});

describe('lineage', () => {
  test('of a grade goes back to the slides’ files and the seed, each with a page', async () => {
    const { db } = server.database;
    const [slideId = ''] = training.slideIds;
    const { cropSetId, sha256 } = await db
      .selectFrom('embeddingSet')
      .innerJoin('slide', 'slide.id', 'embeddingSet.slideId')
      .select(['embeddingSet.cropSetId', 'slide.sha256'])
      .where('slide.id', '=', slideId)
      .executeTakeFirstOrThrow();
    const { predictionId } = await insertPrediction(server.database.connection, { ...training, slideId, cropSetId });
    const predict = await enqueue(db, {
      stage: 'predict',
      jobId: training.jobId,
      encoder: 'dino',
      inputs: [
        { runId: training.abmil, role: 'abmil' },
        { runId: training.embed, role: 'embeddings' },
      ],
    });
    await db.updateTable('run').set({ status: 'succeeded' }).where('id', '=', predict).execute();
    await db.updateTable('prediction').set({ runId: predict }).where('id', '=', predictionId).execute();
    const lineage = (await server.ask(`/api/predictions/${predictionId}/lineage`)).json();
    const trained = await db.selectFrom('slide').select('sha256').where('id', 'in', training.slideIds).execute();
    expect(new Set(lineage.slides.map((one: { sha256: string }) => one.sha256))).toEqual(
      new Set(trained.map((one) => one.sha256)),
    );
    expect(lineage).toMatchObject({ seed: 7, preset: 'smoke' });
    expect(lineage.nodes.find((one: { kind: string }) => one.kind === 'slide').sha256).toBe(sha256);
    const kindOf = (id: string) => lineage.nodes.find((one: { id: string }) => one.id === id)?.kind;
    const steps = lineage.edges.map(([from, to]: [string, string]) => `${kindOf(from)} ${kindOf(to)}`);
    expect(steps).toEqual(
      expect.arrayContaining([
        'grade abmil',
        'abmil embeddings',
        'embeddings encoder',
        'encoder crops',
        'crops slides',
        'slides seed',
      ]),
    );
    const abmil = db.selectFrom('run').where('id', '=', training.abmil);
    const gradeFacts = lineage.nodes.find((one: { kind: string }) => one.kind === 'grade').facts;
    expect(gradeFacts[0]).toMatch(/^\S+ 0\.75$/);
    const { result } = await abmil.select('result').executeTakeFirstOrThrow();
    const fitted = { temperature: 1, abstain_below: 0.9, slides: 2 };
    const calibration = { all: fitted, by_fold: [], abstain: { target_accuracy: 0.9 } };
    const keep = (kept: unknown) =>
      db
        .updateTable('run')
        .set({ result: JSON.stringify(kept) })
        .where('id', '=', training.abmil)
        .execute();
    await keep({ metrics: { calibration } });
    const unsure = (await server.ask(`/api/predictions/${predictionId}/lineage`)).json();
    expect(unsure.nodes[0].facts.slice(0, 2)).toEqual(['abstains', `nearest ${gradeFacts[0]}`]);
    await keep(result);
    for (const { href } of lineage.nodes) expect(href).toMatch(/^\/(slides|models|cohorts|jobs)\//);
    expect((await server.ask('/api/predictions/999999/lineage')).statusCode).toBe(404);
    expect((await server.ask(`/api/models/${training.embed}/lineage`)).statusCode).toBe(404);
  });
});

test('a job’s provenance tells settings, inputs by content and the slides of each', async () => {
  const { jobId, dino, slideIds } = await insertTraining(server.database.db);
  const merged = { settings: { epochs: 3 }, replaced: { epochs: 2 }, data: { manifest: 'a'.repeat(64) } };
  await server.store.put(`runs/${dino}/merged_config.json`, Buffer.from(JSON.stringify(merged)));
  const provenance = (await server.ask(`/api/jobs/${jobId}/provenance`)).json();
  expect(provenance).toMatchObject({ jobId, preset: 'smoke', seed: 7, mpp: 0.5 });
  expect(provenance.runs).toMatchObject([
    { id: dino, ...merged },
    { stage: 'train_abmil', settings: {}, replaced: {}, data: {} },
  ]);
  expect(provenance.slides.map((slide: { id: string }) => slide.id).sort()).toEqual([...slideIds].sort());
  await server.store.put(`runs/${dino}/merged_config.json`, Buffer.from('{'));
  expect((await server.ask(`/api/jobs/${jobId}/provenance`)).json().error.code).toBe('run.config_unreadable');
  expect((await server.ask('/api/jobs/999999/provenance')).statusCode).toBe(404);
});

describe('an active model', () => {
  test('has new slides cut on its grid and graded; those from before, of its cohort or without a scale are not', async () => {
    const { db } = server.database;
    const before = await arrive(db, { name: 'before.svs' });
    const activated = await post(`/api/models/${training.abmil}/activate`);
    expect(activated.json()).toMatchObject({ active: { by: 'Local admin' }, gradings: { graded: 0, open: 0 } });
    const slideId = await arrive(db, { name: 'new.svs' });
    const unscaled = await arrive(db, { name: 'unscaled.svs', mpp: null });
    const [run] = await gradingRuns(slideId);
    expect(run).toMatchObject({ status: 'queued', jobId: training.jobId, encoder: 'dino' });
    const inputs = await db
      .selectFrom('runInput')
      .selectAll()
      .where('runId', '=', run?.id ?? 0)
      .execute();
    const roles = new Map(inputs.map(({ role, inputRunId }) => [role, inputRunId]));
    expect(roles.get('abmil')).toBe(training.abmil);
    expect(roles.get('encoder')).toBe(training.dino);
    const set = await db.selectFrom('cropSet').selectAll().where('slideId', '=', slideId).executeTakeFirstOrThrow();
    expect(set).toMatchObject({ mpp: 0.5, sizePx: 256, stridePx: 256, status: 'queued' });
    const tile = await db
      .selectFrom('run')
      .selectAll()
      .where('id', '=', roles.get('crops') ?? 0)
      .executeTakeFirst();
    expect(tile).toMatchObject({ stage: 'tile', slideId });
    for (const other of [before, unscaled, training.slideIds[0] ?? '']) expect(await gradingRuns(other)).toEqual([]);
    expect((await slide(slideId)).gradings).toMatchObject([
      { modelRunId: training.abmil, status: 'queued', grade: null },
    ]);
    // A scale makes it ready, and is asked for it once.
    const scale = { scale: { use: 'user', mpp: { x: 0.5, y: 0.5 } } };
    for (let i = 0; i < 2; i += 1) {
      await server.ask({ method: 'PATCH', url: `/api/slides/${unscaled}`, payload: scale });
      await server.ask({ method: 'PATCH', url: `/api/slides/${before}`, payload: scale });
    }
    expect(await gradingRuns(unscaled)).toHaveLength(1);
    expect(await gradingRuns(before)).toEqual([]);
    const job = (await server.ask(`/api/jobs/${training.jobId}`)).json();
    expect(job.status).toBe('succeeded');
    expect(job.runs.map((one: { stage: string }) => one.stage)).not.toContain('grade_slide');
    const log = await db
      .selectFrom('auditEvent')
      .select('action')
      .where('subject', '=', `model:${training.abmil}`)
      .execute();
    expect(log).toEqual([{ action: 'model.activated' }]);
  });

  test('tells the spread of its folds and whether the grade lies in the abstain band', async () => {
    const { db } = server.database;
    const slideId = await arrive(db, { name: 'graded.svs' });
    const [run] = await gradingRuns(slideId);
    await db
      .updateTable('run')
      .set({ status: 'succeeded' })
      .where('id', '=', run?.id ?? 0)
      .execute();
    const [[embeddingSet]] = [await db.selectFrom('embeddingSet').select('id').limit(1).execute()];
    await db
      .insertInto('prediction')
      .values({
        runId: run?.id ?? 0,
        slideId,
        embeddingSetId: embeddingSet?.id ?? 0,
        encoder: 'dino',
        folds: [0, 1, 2],
        heldOut: true,
        probabilities: [0.25, 0.75],
        modelProbabilities: [0.125, 0.875, 0.5, 0.5, 0.125, 0.875],
        attentionLogits: Buffer.alloc(4),
      })
      .execute();
    const graded = async () => (await slide(slideId)).gradings[0].grade;
    const spread = { probabilities: [0.25, 0.75], low: [0.125, 0.5], high: [0.5, 0.875], models: 3, folds: [0, 1, 2] };
    expect(await graded()).toMatchObject({ ...spread, abstains: null });
    const band = async (all: object) => {
      const calibration = { all, by_fold: [], abstain: { target_accuracy: 0.9 } };
      const result = JSON.stringify({ metrics: { calibration } });
      await db.updateTable('run').set({ result }).where('id', '=', training.abmil).execute();
    };
    await band({ temperature: 1, abstain_below: 0.7 });
    expect((await graded()).abstains).toBe(false);
    await band({ temperature: 3, abstain_below: 0.7 });
    expect((await graded()).abstains).toBe(true);
    await band({ temperature: 1, abstain_below: null });
    expect((await graded()).abstains).toBe(true);
    const listed = (await server.ask('/api/slides?search=graded.svs')).json();
    expect(listed.slides[0].gradings[0].grade).toMatchObject(spread);
  });

  test('shows why a slide could not be graded, and what to retry: the cutting when that failed', async () => {
    const { db } = server.database;
    const slideId = await arrive(db, { name: 'torn.svs' });
    const [run] = await gradingRuns(slideId);
    const tile = await db
      .selectFrom('run')
      .select('id')
      .where('stage', '=', 'tile')
      .where('slideId', '=', slideId)
      .executeTakeFirstOrThrow();
    const error = { code: 'slide.too-coarse', message: 'The slide is too coarse.' };
    await db
      .updateTable('run')
      .set({ status: 'failed', error: JSON.stringify(error) })
      .where('id', '=', tile.id)
      .execute();
    await db.updateTable('cropSet').set({ status: 'failed' }).where('slideId', '=', slideId).execute();
    expect((await slide(slideId)).gradings).toMatchObject([{ status: 'failed', error, retryRunId: tile.id }]);
    expect((await server.ask(`/api/models/${training.abmil}`)).json().gradings).toMatchObject({ failed: 1 });
    expect((await post(`/api/runs/${tile.id}/retry`)).statusCode).toBe(202);
    expect((await slide(slideId)).gradings).toMatchObject([{ status: 'queued', error: null, retryRunId: null }]);
    // The grading itself failed.
    await db
      .updateTable('run')
      .set({ status: 'failed', error: JSON.stringify(error) })
      .where('id', '=', run?.id ?? 0)
      .execute();
    expect((await slide(slideId)).gradings).toMatchObject([{ status: 'failed', retryRunId: run?.id }]);
  });

  test('grades a slide again when its scale is changed, on crops of the new scale', async () => {
    const { db } = server.database;
    const slideId = await arrive(db, { name: 'rescaled.svs' });
    const grid = { size0X: 256, size0Y: 256, effectiveMppX: 0.5, effectiveMppY: 0.5, cropCount: 1 };
    await db
      .updateTable('cropSet')
      .set({ status: 'ready', ...grid })
      .where('slideId', '=', slideId)
      .execute();
    await db.updateTable('run').set({ status: 'succeeded' }).where('slideId', '=', slideId).execute();
    const choose = (mpp: number) =>
      server.ask({
        method: 'PATCH',
        url: `/api/slides/${slideId}`,
        payload: { scale: { use: 'user', mpp: { x: mpp, y: mpp } } },
      });
    await choose(0.5);
    expect(await gradingRuns(slideId)).toHaveLength(1);
    await choose(0.25);
    expect(await gradingRuns(slideId)).toMatchObject([{ status: 'succeeded' }, { status: 'queued' }]);
  });

  test('gives way to another of the same cohort and mpp; turned off it grades no further slide', async () => {
    const { db } = server.database;
    const again = await enqueue(db, {
      stage: 'train_abmil',
      jobId: training.jobId,
      encoder: 'dino',
      inputs: [{ runId: training.embed, role: 'embeddings' }],
    });
    await db.updateTable('run').set({ status: 'succeeded', result: '{}' }).where('id', '=', again).execute();
    await db
      .insertInto('checkpoint')
      .values({ runId: again, kind: 'abmil', fold: 0, objectKey: 'm', sha256: 'y', card: '{}' })
      .execute();
    const waiting = await arrive(db, { name: 'waiting.svs' });
    await post(`/api/models/${again}/activate`);
    expect((await server.ask(`/api/models/${training.abmil}`)).json().active).toBeNull();
    expect(await gradingRuns(waiting)).toMatchObject([{ status: 'cancelled' }]);
    expect((await slide(waiting)).gradings).toEqual([]);
    const next = await arrive(db, { name: 'next.svs' });
    expect((await gradingRuns(next)).map((one) => one.config)).toMatchObject([{ modelRunId: again }]);
    expect((await post(`/api/models/${again}/deactivate`)).json().active).toBeNull();
    expect(await gradingRuns(next)).toMatchObject([{ status: 'cancelled' }]);
    expect(await gradingRuns(await arrive(db, { name: 'later.svs' }))).toEqual([]);
  });

  test('is refused to be an encoder, to be ended twice, and to be changed by who is no admin', async () => {
    const { db } = server.database;
    expect((await post(`/api/models/${training.dino}/activate`)).json().error.code).toBe('model.grades_nothing');
    expect((await post(`/api/models/${training.abmil}/deactivate`)).json().error.code).toBe('model.not_active');
    expect((await post('/api/models/999999/activate')).statusCode).toBe(404);
    const [id, token] = ['member', `strm_${'m'.repeat(30)}`];
    await db.insertInto('appUser').values({ id, name: id, email: 'm@lab', role: 'member' }).execute();
    const tokenSha256 = createHash('sha256').update(token).digest('hex');
    await createToken(db, { userId: id, name: 'test', tokenSha256 });
    const asked = await server.api.inject({
      method: 'POST',
      url: `/api/models/${training.abmil}/activate`,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(asked.statusCode).toBe(403);
    expect((await server.ask(`/api/models/${training.abmil}`)).json().active).toBeNull();
  });
});
