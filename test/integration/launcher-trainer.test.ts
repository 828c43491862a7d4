import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { trainerStages } from '@stroma/core/contract/run-directory';
import { sql } from '@stroma/db/client';
import { enqueue } from '@stroma/db/runs';
import { work } from '@stroma/db/worker';
import { descendants } from '@stroma/infra/process/process-tree';
import { processExecutor } from '@stroma/launcher/process-executor';
import { trainingHandler } from '@stroma/launcher/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { makeCohort, type TestCohort } from './inference-cohort.ts';
import { pythonWith } from './inference-python.ts';

const python = pythonWith(['torch', 'diffusers', 'pyarrow']);
if (!python) console.log('skipped: no Python with the trainer’s packages (STROMA_PYTHON)');
const repository = fileURLToPath(new URL('../../', import.meta.url));

describe.skipIf(!python)('the launcher with the real trainer', { timeout: 600_000 }, () => {
  let database: TestDatabase;
  let cohort: TestCohort;
  const children: ChildProcess[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    database = await withSchema();
    // 12 steps, and a checkpoint after nearly each.
    const overrides = { train_dino: { epochs: 6, checkpoint_interval_s: 0.2, metric_interval_s: 0.0 } };
    cohort = await makeCohort(database, { slides: 8, crops: 6, job: { overrides } });
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await cohort.remove();
    await database.close();
  });

  const log = (message: string) => lines.push(message);
  const rowOf = (id: number) =>
    database.db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const stepsOf = async (id: number) => {
    const { rows } = await sql<{ step: number }>`select (data->>'step')::int as step from run_event
      where run_id = ${id} and kind = 'metric' and data->'values' ? 'loss' order by position`.execute(database.db);
    return rows.map((row) => row.step);
  };
  async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = Date.now() + 240_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`not within four minutes: ${what}\n${lines.join('\n')}`);
      await sleep(100);
    }
  }

  /** A launcher in this process; its trainers are real. */
  function launch(processes = 1) {
    const stop = new AbortController();
    const handler = trainingHandler({
      connection: database.connection,
      store: cohort.store,
      executor: processExecutor({
        python: python ?? '',
        trainerFolder: path.join(repository, 'services/trainer/'),
        threads: undefined,
        processes,
      }),
      threads: undefined,
      codeRevision: 'test',
      log,
    });
    const handlers = Object.fromEntries(trainerStages.map((stage) => [stage, handler]));
    const ended = work({ connection: database.connection, name: 'test', handlers, log }, stop.signal);
    return async () => {
      stop.abort();
      await ended;
    };
  }

  it('goes on after kill -9 of the launcher and of the trainer, and stores each step once', async () => {
    const id = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    const launcher = spawn(process.execPath, ['--import', 'tsx', 'services/launcher/src/main.ts'], {
      cwd: repository,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: {
        ...process.env,
        DATABASE_URL: database.databaseUrl,
        STROMA_OBJECTS: cohort.objects,
        STROMA_PYTHON: python,
        STROMA_CODE_REVISION: 'test',
      },
    });
    children.push(launcher);
    await until('steps by the first launcher', async () => (await stepsOf(id)).length >= 2);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    expect((await rowOf(id)).status).toBe('running');
    await sql`update run set lease_until = now() where id = ${id}`.execute(database.db);

    const stop = launch();
    const trainer = () => lines.map((line) => /started as process (\d+)/.exec(line)?.[1]).findLast(Boolean);
    const config = await readFile(path.join(cohort.store.localPath(`runs/${id}`), 'config.json'), 'utf8');
    await until('the second trainer at work', () => lines.some((line) => line.includes('started as process')));
    await until('a step by the second launcher', async () => (await stepsOf(id)).length >= 5);
    process.kill(Number(trainer()), 'SIGKILL');
    await until('the end', async () => (await rowOf(id)).status !== 'running');
    await stop();

    expect(await rowOf(id)).toMatchObject({ status: 'succeeded', attempt: 2, error: null, codeRevision: 'test' });
    expect(lines.some((line) => line.includes('trainer ended with SIGKILL'))).toBe(true);
    expect(await stepsOf(id)).toEqual([...new Set(await stepsOf(id))].sort((a, b) => a - b));
    expect((await stepsOf(id)).length).toBe(12);
    expect(await readFile(path.join(cohort.store.localPath(`runs/${id}`), 'config.json'), 'utf8')).toBe(config);
    const [checkpoint] = await database.db.selectFrom('checkpoint').selectAll().where('runId', '=', id).execute();
    expect(checkpoint).toMatchObject({ kind: 'encoder', fold: null, objectKey: `runs/${id}/model` });
    expect(await cohort.store.size(`runs/${id}/model/encoder.onnx`)).toBeGreaterThan(0);
  });

  it('starts two ranks again when one was killed, and says why in the run’s log', async () => {
    const overrides = {
      train_dino: { epochs: 4_000, max_samples: 0, checkpoint_interval_s: 0.2, metric_interval_s: 0.0, threads: 1 },
    };
    await database.db
      .updateTable('job')
      .set({ overrides: JSON.stringify(overrides) })
      .where('id', '=', cohort.jobId)
      .execute();
    const id = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    const stop = launch(2);
    await until('steps of two ranks', async () => (await stepsOf(id)).length >= 3);
    process.kill(await rankOf(id, 1), 'SIGKILL');
    const killedAt = Date.now();
    const told = /^Interruption 1: rank 1 was killed by SIGKILL. The run goes on from its last checkpoint.$/;
    await until('the restart', async () => (await logOf(id)).some((message) => told.test(message)));
    console.log(`  the loss of rank 1 was told ${((Date.now() - killedAt) / 1000).toFixed(1)} s after it was killed`);
    const before = (await stepsOf(id)).length;
    await until('more steps', async () => (await stepsOf(id)).length > before);
    await database.db.updateTable('run').set({ cancelRequested: true }).where('id', '=', id).execute();
    await until('the cancellation', async () => (await rowOf(id)).status === 'cancelled');
    await stop();
    expect(await rowOf(id)).toMatchObject({ status: 'cancelled', error: null });
    const steps = await stepsOf(id);
    expect(steps).toEqual(steps.map((_, i) => (steps[0] as number) + i));
  });
  const logOf = async (id: number) => {
    const rows = await database.db
      .selectFrom('runEvent')
      .select('data')
      .where('runId', '=', id)
      .where('kind', '=', 'log')
      .execute();
    return rows.map((row) => (row.data as { message: string }).message);
  };
  /** The process of a rank, by the run directory in its command line and RANK in its environment. */
  async function rankOf(id: number, rank: number): Promise<number> {
    for (const pid of await descendants(process.pid)) {
      const [command, environment] = await Promise.all(
        ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
      );
      const words = command?.split('\0') ?? [];
      if (!words.includes('stroma_trainer') || !words.includes(cohort.store.localPath(`runs/${id}`))) continue;
      if (environment?.split('\0').includes(`RANK=${rank}`)) return pid;
    }
    throw new Error(`run ${id} has no process of rank ${rank}`);
  }

  it('cancels, gives the trainer’s own error, and refuses other settings', async () => {
    const cancelMe = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    const stop = launch();
    await until('the trainer', () => lines.some((line) => line.startsWith(`run ${cancelMe} `) && /started/.test(line)));
    await database.db.updateTable('run').set({ cancelRequested: true }).where('id', '=', cancelMe).execute();
    await until('the cancellation', async () => (await rowOf(cancelMe)).status === 'cancelled');

    // The same run again, after somebody changed its config.json.
    await appendFile(path.join(cohort.store.localPath(`runs/${cancelMe}`), 'config.json'), ' ');
    await database.db.updateTable('run').set({ status: 'queued' }).where('id', '=', cancelMe).execute();
    await until('the refusal', async () => (await rowOf(cancelMe)).status === 'failed');
    expect((await rowOf(cancelMe)).error).toMatchObject({ code: 'run.config_differs' });

    const overrides = JSON.stringify({ train_dino: { learning_rate: 1 } });
    await database.db.updateTable('job').set({ overrides }).where('id', '=', cohort.jobId).execute();
    const wrong = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    await until('the error', async () => (await rowOf(wrong)).status === 'failed');
    expect((await rowOf(wrong)).error).toMatchObject({ code: 'trainer.unknown_key', found: 'learning_rate' });

    await database.db.updateTable('job').set({ mpp: 2 }).where('id', '=', cohort.jobId).execute();
    const empty = await enqueue(database.db, { stage: 'train_dino', jobId: cohort.jobId });
    await until('the refusal', async () => (await rowOf(empty)).status === 'failed');
    expect((await rowOf(empty)).error).toMatchObject({ code: 'cohort.no_crops' });
    await stop();
  });
});
