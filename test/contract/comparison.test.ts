import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type GradeEvaluation, gradeEvaluation, gradeMetrics } from '@stroma/core/contract/grade-evaluation';
import type { JobComparison } from '@stroma/core/http/comparison';
import type { PredictionList } from '@stroma/core/http/slide';
import { calibrated } from '@stroma/core/statistics/calibrated';
import { gradeScorer } from '@stroma/core/statistics/grade-scores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCohort, insertPrediction } from '../integration/api-data.ts';
import { startApi, type TestApi } from '../integration/api-server.ts';
import { pythonWith } from '../integration/inference-python.ts';

const python = pythonWith(['torch', 'pyarrow', 'numpy']);
if (!python) console.log('skipped: no Python with the trainer’s packages (STROMA_PYTHON)');

/** Three grades in turn, five of every six slides labelled. */
const grades = Array.from({ length: 72 }, (_, i) => (i % 6 === 5 ? null : `grade ${i % 3}`));

describe.runIf(python)('DINO beside Gen-DINO', () => {
  let server: TestApi;
  let slideIds: string[];
  let cohortId: number;
  let found: Record<'dino' | 'gen_dino', GradeEvaluation>;
  beforeAll(async () => {
    server = await startApi();
    ({ slideIds, cohortId } = await insertCohort(server.database.db, { grades }));
    const slides = slideIds.flatMap((slideId, i) => {
      const grade = grades[i];
      return grade ? [{ slide_id: slideId, patient_id: `p${i}`, label: Number(grade.at(-1)), fold: i % 2 }] : [];
    });
    found = await evaluations({
      ...{ slides, fold_count: 2, classes: ['grade 0', 'grade 1', 'grade 2'] },
      encoders: { dino: 0.7, gen_dino: 1.8 },
    });
  });
  afterAll(() => server?.close());

  const newJob = async () => {
    const request = { cohortId, mpp: 0.5, preset: 'smoke', seed: 11 };
    const answer = await server.ask({ method: 'POST', url: '/api/jobs', payload: request });
    return answer.json().id as number;
  };
  const finish = (jobId: number, encoder: string, metrics: object) =>
    server.database.db
      .updateTable('run')
      .set({ status: 'succeeded', endedAt: new Date(), result: JSON.stringify({ metrics }) })
      .where('jobId', '=', jobId)
      .where('stage', '=', 'train_abmil')
      .where('encoder', '=', encoder)
      .execute();
  const compared = async (jobId: number) => {
    const answer = await server.ask(`/api/jobs/${jobId}/comparison`);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json() as JobComparison;
  };

  test('the trainer’s numbers are those of the shared schema', () => {
    expect(gradeEvaluation({ metrics: found.dino })).toBeDefined();
    const { calibration: _, ...without } = found.dino;
    expect(gradeEvaluation({ metrics: without })).toBeUndefined();
    expect(gradeEvaluation(null)).toBeUndefined();
  });

  test('both languages score and calibrate alike', () => {
    for (const { out_of_fold, calibration, classes, ...metrics } of Object.values(found)) {
      const scored = gradeScorer(out_of_fold, classes.length)(new Uint32Array(out_of_fold.length).fill(1));
      for (const metric of gradeMetrics) expect(scored[metric]).toBeCloseTo(metrics[metric] as number, 12);
      for (const row of out_of_fold) {
        const { temperature } = calibration.by_fold.find((one) => one.fold === row.fold) ?? calibration.all;
        expect(calibrated(row.probabilities, temperature)).toEqual(row.calibrated.map((p) => expect.closeTo(p, 12)));
      }
    }
  });

  test('the api answers the trainer’s numbers and their paired difference', async () => {
    const jobId = await newJob();
    await finish(jobId, 'dino', found.dino);
    await finish(jobId, 'gen_dino', found.gen_dino);
    const answer = await compared(jobId);
    expect(answer).toMatchObject({ cohortSlides: 72, labelledSlides: 60, classes: found.dino.classes });
    for (const [side, encoder] of [
      ['dino', 'dino'],
      ['genDino', 'gen_dino'],
    ] as const) {
      expect(answer[side].state).toBe('ready');
      for (const metric of gradeMetrics) {
        expect(answer[side].grades?.metrics[metric]).toBe(found[encoder][metric]);
        expect(answer[side].grades?.intervals[metric]).toEqual(found[encoder].ci[metric]);
      }
    }
    const { paired } = answer;
    expect(paired).toMatchObject({ slides: 60, patients: 60, leftOut: 0, seed: 11, resamples: 2000 });
    for (const metric of gradeMetrics) {
      const difference = paired?.differences[metric];
      const expected = (found.gen_dino[metric] as number) - (found.dino[metric] as number);
      expect(difference?.value).toBeCloseTo(expected, 12);
      expect(difference?.low).toBeLessThan(expected);
      expect(difference?.high).toBeGreaterThan(expected);
    }
    expect(paired?.differences.accuracy?.low).toBeGreaterThan(0);
    const { bothRight = 0, bothWrong = 0, dinoAlone = 0, genDinoAlone = 0 } = paired?.mcnemar ?? {};
    expect(bothRight + bothWrong + dinoAlone + genDinoAlone).toBe(60);
    expect(genDinoAlone - dinoAlone).toBeCloseTo(60 * (paired?.differences.accuracy?.value ?? 0), 9);
    const row = found.gen_dino.out_of_fold[0];
    const slide = answer.slides.find((one) => one.slideId === row?.slide_id);
    expect(slide?.genDino).toMatchObject({ probabilities: row?.probabilities, abstains: row?.abstains });
    expect(slide?.genDino?.confidence).toBe(Math.max(...(row?.calibrated ?? [])));
    expect(await compared(jobId)).toEqual(answer);
  });

  test('one encoder alone is shown alone, and what is missing has a name', async () => {
    const jobId = await newJob();
    expect(await compared(jobId)).toMatchObject({
      ...{ dino: { state: 'queued', grades: null }, genDino: { state: 'queued' }, paired: null, slides: [] },
    });
    await finish(jobId, 'gen_dino', found.gen_dino);
    const alone = await compared(jobId);
    expect(alone).toMatchObject({ dino: { state: 'queued' }, genDino: { state: 'ready' }, paired: null });
    expect(alone.slides[0]).toMatchObject({ dino: null, genDino: { abstains: expect.any(Boolean) } });
    await finish(jobId, 'dino', { accuracy: 0.5, out_of_fold: [] });
    expect((await compared(jobId)).dino).toEqual({ state: 'outdated', grades: null });
    expect((await server.ask('/api/jobs/999999/comparison')).statusCode).toBe(404);
    expect((await server.api.inject(`/api/jobs/${jobId}/comparison`)).statusCode).toBe(401);
  });

  test('the grades of an encoder are a CSV of the trainer’s numbers, and there is none before they are', async () => {
    const jobId = await newJob();
    await finish(jobId, 'gen_dino', found.gen_dino);
    const url = `/api/jobs/${jobId}/results.csv`;
    const answer = await server.ask(`${url}?encoder=gen_dino`);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="stroma-job-${jobId}-gen_dino-results.csv"`,
    });
    const lines = answer.body.split('\n').slice(1, -1);
    const expected = found.gen_dino.out_of_fold.map(({ fold, label, probabilities: p, slide_id }) => {
      const patient = `p${slideIds.indexOf(slide_id)}`;
      return [patient, fold, label, p.indexOf(Math.max(...p)), ...p].join();
    });
    expect(lines.map((line) => line.split(',').slice(1, 8).join()).sort()).toEqual(expected.sort());
    const early = await server.ask(`${url}?encoder=dino`);
    expect([early.statusCode, early.json().error]).toMatchObject([
      404,
      { code: 'comparison.no_grades', found: 'queued' },
    ]);
    expect((await server.ask(`${url}?encoder=resnet`)).statusCode).toBe(400);
    expect((await server.ask('/api/jobs/999999/results.csv?encoder=dino')).statusCode).toBe(404);
    expect((await server.api.inject(`${url}?encoder=dino`)).statusCode).toBe(401);
  });

  test('slides of another fold or label are no pairs, and are counted', async () => {
    const jobId = await newJob();
    const [moved, renamed, ...others] = found.gen_dino.out_of_fold;
    if (!moved || !renamed) throw new Error('too few slides');
    const changed = [{ ...moved, fold: 1 - moved.fold }, { ...renamed, label: (renamed.label + 1) % 3 }, ...others];
    await finish(jobId, 'dino', found.dino);
    await finish(jobId, 'gen_dino', { ...found.gen_dino, out_of_fold: changed });
    expect((await compared(jobId)).paired).toMatchObject({ slides: 58, leftOut: 2 });
  });

  test('a slide’s grade is calibrated by what its fold’s others say, and abstains inside the band', async () => {
    const { db, connection } = server.database;
    const { id: cropSetId } = await db
      .insertInto('cropSet')
      .values({ slideId: slideIds[0] as string, mpp: 0.5, sizePx: 256, stridePx: 256, recipe: '{}', recipeHash: 'x' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const slideId = slideIds[0] as string;
    const { jobId } = await insertPrediction(connection, { cohortId, slideId, cropSetId });
    const predictions = async () =>
      ((await server.ask(`/api/slides/${slideId}/predictions`)).json() as PredictionList).predictions;
    expect((await predictions())[0]?.trust).toBeNull();

    const predict = await db.selectFrom('run').select('id').where('jobId', '=', jobId).executeTakeFirstOrThrow();
    const abmil = await db
      .insertInto('run')
      .values({ jobId, stage: 'train_abmil', encoder: 'dino', status: 'succeeded' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await finish(jobId, 'dino', found.dino);
    await db.insertInto('runInput').values({ runId: predict.id, inputRunId: abmil.id, role: 'abmil' }).execute();
    const { by_fold, all } = found.dino.calibration;
    const own = by_fold.find((one) => one.fold === 0);
    const [prediction] = await predictions();
    expect(prediction?.trust).toMatchObject({ temperature: own?.temperature, abstainBelow: own?.abstain_below });
    const top = Math.max(...(prediction?.trust?.probabilities ?? []));
    expect(prediction?.trust?.abstains).toBe(own?.abstain_below == null || top < own.abstain_below);

    await db
      .updateTable('prediction')
      .set({ folds: [0, 1] })
      .where('slideId', '=', slideId)
      .execute();
    expect((await predictions())[0]?.trust?.temperature).toBe(all.temperature);
  });
});

async function evaluations(spec: object): Promise<Record<'dino' | 'gen_dino', GradeEvaluation>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-grades-'));
  try {
    const file = path.join(folder, 'spec.json');
    await writeFile(file, JSON.stringify(spec));
    const script = path.join(import.meta.dirname, 'grade_evaluations.py');
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout } = await promisify(execFile)(python as string, [script, file], { maxBuffer: 64e6, env });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
