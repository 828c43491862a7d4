import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from '@stroma/db/client';
import { enqueue } from '@stroma/db/runs';
import { work } from '@stroma/db/worker';
import { descendants, programOf } from '@stroma/infra/process/process-tree';
import { RayJobs } from '@stroma/launcher/ray/jobs-api';
import { rayExecutor } from '@stroma/launcher/ray/ray-executor';
import { trainingHandler } from '@stroma/launcher/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { type RayCluster, startRay } from '../ray-cluster.ts';
import { makeCohort, type TestCohort } from './inference-cohort.ts';
import { pythonWith } from './inference-python.ts';

const python = pythonWith(['torch', 'diffusers', 'pyarrow', 'ray.train']);
if (!python) console.log('skipped: no Python with Ray and the trainer’s packages (STROMA_PYTHON)');
const trainerFolder = fileURLToPath(new URL('../../services/trainer/', import.meta.url));

describe.skipIf(!python)('the launcher with a Ray cluster', { timeout: 600_000 }, () => {
  let database: TestDatabase;
  let cohort: TestCohort;
  let ray: RayCluster;
  const lines: string[] = [];

  beforeAll(async () => {
    database = await withSchema();
    const overrides = {
      train_dino: { epochs: 4_000, max_samples: 0, checkpoint_interval_s: 0.5, metric_interval_s: 0.0, threads: 1 },
    };
    [cohort, ray] = await Promise.all([
      makeCohort(database, { slides: 8, crops: 6, job: { overrides } }),
      startRay(python as string),
    ]);
  }, 240_000);
  afterAll(async () => {
    await ray?.stop();
    await cohort?.remove();
    await database?.close();
  });

  const log = (message: string) => lines.push(message);
  const rowOf = (id: number) =>
    database.db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const folderOf = (id: number) => cohort.store.localPath(`runs/${id}`);
  const eventsOf = async (id: number, kind: string) => {
    const rows = await database.db
      .selectFrom('runEvent')
      .select('data')
      .where('runId', '=', id)
      .where('kind', '=', kind)
      .orderBy('position')
      .execute();
    return rows.map((row) => row.data as Record<string, unknown>);
  };
  /** Steps of the training; k-NN is measured between them. */
  const stepsOf = async (id: number) => {
    const metrics = await eventsOf(id, 'metric');
    return metrics.filter(({ values }) => 'loss' in (values as object)).map((event) => event.step as number);
  };
  const steps = async (id: number) => {
    expect((await rowOf(id)).error).toBeNull();
    return (await stepsOf(id)).length;
  };
  async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    for (const deadline = Date.now() + 300_000; !(await holds()); await sleep(100)) {
      if (Date.now() > deadline) throw new Error(`not within five minutes: ${what}\n${lines.join('\n')}`);
    }
  }
  function launch(options: { url?: string; patienceMs?: number } = {}) {
    const stop = new AbortController();
    const handler = trainingHandler({
      connection: database.connection,
      store: cohort.store,
      executor: rayExecutor({
        url: ray.url,
        headers: {},
        workers: 1,
        python: python as string,
        trainerFolder,
        threads: undefined,
        ...options,
      }),
      threads: undefined,
      codeRevision: 'test',
      log,
    });
    const ended = work(
      { connection: database.connection, name: 'test', handlers: { train_dino: handler }, log },
      stop.signal,
    );
    return async () => {
      stop.abort();
      await ended;
    };
  }
  const rankProcess = async () => {
    for (const pid of await descendants(process.pid))
      if ((await programOf(pid)).startsWith('ray::RayTrainWorker')) return pid;
    throw new Error('Ray has no process of a rank');
  };

  it('goes on with the job when the launcher restarts and when a rank is killed; cancels with a checkpoint', async () => {
    const id = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    let stop = launch();
    await until('steps by the first launcher', async () => (await steps(id)) >= 2);
    await stop();
    expect((await rowOf(id)).status).toBe('queued');
    stop = launch();
    const before = await steps(id);
    await until('steps seen by the second', async () => (await steps(id)) >= before + 2);
    expect(lines.filter((line) => / submitted/.test(line))).toHaveLength(1);
    expect(lines.some((line) => /is followed again/.test(line))).toBe(true);

    process.kill(await rankProcess(), 'SIGKILL');
    await until('the second job', async () =>
      (await eventsOf(id, 'log')).some((event) => /^Interruption 1: rank 0 was lost/.test(String(event.message))),
    );
    const lost = await steps(id);
    await until('steps of the second job', async () => (await steps(id)) > lost);
    expect((await rowOf(id)).error).toBeNull();

    await database.db.updateTable('run').set({ cancelRequested: true }).where('id', '=', id).execute();
    await until('the cancellation', async () => (await rowOf(id)).status === 'cancelled');
    await stop();
    const row = await rowOf(id);
    expect(row).toMatchObject({ status: 'cancelled', error: null });
    // The last event that is kept is that of the checkpoint it stopped with: nothing was lost.
    const checkpoint = await stat(path.join(folderOf(id), 'checkpoint.pt'));
    expect(checkpoint.mtimeMs).toBeGreaterThan(Date.now() - 60_000);
    expect(await readFile(path.join(folderOf(id), 'trainer.log'), 'utf8')).toContain('the trainer was asked to stop');

    // Resumed with an end that is near: the rest is trained, and no step twice.
    await sql`update run set status = 'queued' where id = ${id}`.execute(database.db);
    stop = launch();
    const kept = await steps(id);
    await until('the run goes on', async () => (await steps(id)) > kept);
    await database.db.updateTable('run').set({ cancelRequested: true }).where('id', '=', id).execute();
    await until('the second cancellation', async () => (await rowOf(id)).status === 'cancelled');
    await stop();
    const all = await stepsOf(id);
    expect(all).toEqual(all.map((_, i) => (all[0] as number) + i));
  });

  it('waits for a cluster that is away, and says so; gives up in the end', async () => {
    const id = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    const stop = launch({ url: 'http://127.0.0.1:9', patienceMs: 4_000 });
    await until('the waiting', async () => /^waiting for the Ray cluster/.test((await progressOf(id)) ?? ''));
    expect((await rowOf(id)).status).toBe('running');
    await until('the end', async () => (await rowOf(id)).status === 'failed');
    await stop();
    expect((await rowOf(id)).error).toMatchObject({ code: 'ray.unreachable', where: 'http://127.0.0.1:9' });
  });
  const progressOf = async (id: number) => ((await rowOf(id)).progress as { phase?: string } | null)?.phase;

  it('knows jobs that are not there, and refuses what is no Ray cluster', async () => {
    const jobs = new RayJobs({ url: ray.url, headers: {} });
    expect(await jobs.find('no-such-job')).toBeUndefined();
    expect(await jobs.logs('no-such-job')).toBe('');
    await jobs.stop('no-such-job');
    await jobs.delete('no-such-job');
    const wrong = new RayJobs({ url: `${ray.url}/nothing`, headers: {} });
    await expect(wrong.submit(submission)).rejects.toMatchObject({ problem: { code: 'ray.refused' } });
  });

  it('says which node does not see the run directory', async () => {
    const jobs = new RayJobs({ url: ray.url, headers: {} });
    expect(await jobs.submit(submission)).toBe(true);
    expect(await jobs.submit(submission)).toBe(false);
    await until('its end', async () => (await jobs.find('unseen'))?.status === 'FAILED');
    expect(await jobs.find('unseen')).toMatchObject({ driver_exit_code: 1 });
    expect(await jobs.logs('unseen')).toMatch(/run_folder_unseen: node \S+ .* does not see \/nowhere/);
  });
  const submission = {
    submission_id: 'unseen',
    entrypoint: `${python} -m stroma_trainer.on_ray train_dino --run /nowhere --workers 1`,
    runtime_env: { env_vars: { PYTHONPATH: trainerFolder } },
    metadata: {},
  };
});
