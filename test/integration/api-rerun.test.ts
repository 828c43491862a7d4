import type { JobDetail } from '@stroma/core/http/job';
import type { PredictionList } from '@stroma/core/http/slide';
import { doneRun } from '@stroma/db/run-inputs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertPrediction } from './api-data.ts';
import { jobsThrough } from './api-job-requests.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());
const { post, newJob, detailOf, setRuns } = jobsThrough(() => server);

const named = ({ runs }: JobDetail) =>
  new Map(runs.map((run) => [`${run.encoder ? `${run.encoder} ` : ''}${run.stage}`, run]));

async function finishedJob(more = {}): Promise<JobDetail> {
  const { id } = await newJob(more);
  await setRuns(id, 'succeeded');
  return await detailOf(id);
}

describe('a job begun again from a stage', () => {
  test('takes over what came before, and does the stage and all that builds on it by other settings', async () => {
    const base = await finishedJob({ seed: 11, overrides: { train_abmil: { epochs: 3 }, train_dino: { epochs: 2 } } });
    const overrides = { train_abmil: { gated: true } };
    const answer = await post(`/api/jobs/${base.id}/reruns`, { from: 'train_abmil', overrides });
    expect(answer.statusCode).toBe(201);
    const job = await detailOf(answer.json().id);
    expect(job).toMatchObject({ baseJobId: base.id, seed: 11, preset: base.preset, mpp: base.mpp, status: 'queued' });
    const [before, after] = [named(base), named(job)];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    const again = [...after].filter(([, run]) => run.jobId === job.id).map(([name]) => name);
    expect(again.sort()).toEqual(['dino predict', 'dino train_abmil', 'gen_dino predict', 'gen_dino train_abmil']);
    for (const [name, run] of after) if (!again.includes(name)) expect(run.id).toBe(before.get(name)?.id);
    expect(after.get('dino train_abmil')?.inputs).toEqual([before.get('dino embed')?.id]);
    expect(after.get('dino predict')?.inputs).toEqual(
      [before.get('dino embed')?.id ?? 0, after.get('dino train_abmil')?.id ?? 0].sort((a, b) => a - b),
    );
    const { db } = server.database;
    const row = await db.selectFrom('job').select('overrides').where('id', '=', job.id).executeTakeFirstOrThrow();
    expect(row.overrides).toEqual({ train_abmil: { epochs: 3, gated: true }, train_dino: { epochs: 2 } });
    // What asks by job finds what was taken over.
    expect(await doneRun(db, job.id, 'train_eldm')).toBe(before.get('train_eldm')?.id);
    expect(await doneRun(db, job.id, 'train_abmil', 'dino')).toBeUndefined();

    await setRuns(job.id, 'succeeded');
    const third = await post(`/api/jobs/${job.id}/reruns`, { from: 'predict' });
    const runs = named(await detailOf(third.json().id));
    expect(runs.get('train_dino')?.id).toBe(before.get('train_dino')?.id);
    expect(runs.get('gen_dino train_abmil')?.id).toBe(after.get('gen_dino train_abmil')?.id);
  });

  test('is refused for a stage before it that is not done, and for settings of stages that are taken over', async () => {
    const { id } = await newJob();
    const jobs = async () => (await server.ask('/api/jobs')).json().jobs.length;
    const count = await jobs();
    const early = await post(`/api/jobs/${id}/reruns`, { from: 'train_gen_dino' });
    expect([early.statusCode, early.json().error]).toMatchObject([
      409,
      { code: 'job.unfinished', found: 'no finished train_dino', where: `job ${id}` },
    ]);
    await setRuns(id, 'succeeded');
    const overrides = { train_dino: { epochs: 9 } };
    const taken = await post(`/api/jobs/${id}/reruns`, { from: 'train_abmil', overrides });
    expect([taken.statusCode, taken.json().error]).toMatchObject([
      400,
      { code: 'job.overrides', expected: 'train_abmil, predict', found: 'train_dino' },
    ]);
    const nonsense = { from: 'train_abmil', overrides: { train_abmil: { gated: 1 } } };
    expect((await post(`/api/jobs/${id}/reruns`, nonsense)).json().error).toMatchObject({
      ...{ code: 'job.overrides', expected: 'boolean', found: '1', where: 'body.overrides.train_abmil.gated' },
    });
    const first = await post(`/api/jobs/${id}/reruns`, { from: 'train_dino' });
    expect(first.json().error.code).toBe('request.invalid');
    expect((await post('/api/jobs/999999/reruns', { from: 'predict' })).json().error.code).toBe('job.unknown');
    expect(await jobs()).toBe(count);
  });

  test('shows the grades that it took over as its own, and the earlier job still does', async () => {
    const { db, connection } = server.database;
    const { id, cohortId, slideIds } = await newJob();
    await setRuns(id, 'succeeded');
    const slideId = slideIds[0] ?? '';
    const { id: cropSetId } = await db
      .selectFrom('cropSet')
      .select('id')
      .where('slideId', '=', slideId)
      .executeTakeFirstOrThrow();
    const { predictionId } = await insertPrediction(connection, { cohortId, slideId, cropSetId });
    const predict = named(await detailOf(id)).get('dino predict')?.id ?? 0;
    await db.updateTable('prediction').set({ runId: predict }).where('id', '=', predictionId).execute();
    const again = (await post(`/api/jobs/${id}/reruns`, { from: 'train_gen_dino' })).json().id as number;
    const { predictions } = (await server.ask(`/api/slides/${slideId}/predictions`)).json() as PredictionList;
    expect(predictions.map((one) => [one.jobId, one.id])).toEqual([
      [again, predictionId],
      [id, predictionId],
    ]);
  });

  test('stops alone: what it took over stays as it is', async () => {
    const base = await finishedJob();
    const { id } = (await post(`/api/jobs/${base.id}/reruns`, { from: 'synthesize' })).json();
    expect((await post(`/api/jobs/${id}/stop`)).json().status).toBe('cancelled');
    expect(await detailOf(base.id)).toEqual(base);
    const { db } = server.database;
    await expect(
      db
        .deleteFrom('run')
        .where('id', '=', base.runs[0]?.id ?? 0)
        .execute(),
    ).rejects.toThrow('taken_run');
  });
});
