import { trainerStages } from '@stroma/core/contract/run-directory';
import { enqueue, type NewRun } from '@stroma/db/runs';
import type { DB } from '@stroma/db/schema';
import { work } from '@stroma/db/worker';
import { embedHandler } from '@stroma/inference/embed';
import { Engine } from '@stroma/inference/engine/engine';
import { exportHandler } from '@stroma/inference/export';
import { gradeSlideHandler } from '@stroma/inference/grade-slide';
import { Models } from '@stroma/inference/models';
import { predictHandler } from '@stroma/inference/predict';
import { processExecutor } from '@stroma/launcher/process-executor';
import { trainingHandler } from '@stroma/launcher/train';
import type { Transaction } from 'kysely';
import type { TestDatabase } from '../database.ts';
import type { TestCohort } from '../integration/inference-cohort.ts';

export interface Chain {
  engine: Engine;
  models: Models;
  /** Stores a run and waits for its end; a failure is thrown with its Problem. */
  run(run: NewRun, also?: (trx: Transaction<DB>, id: number) => Promise<void>): Promise<number>;
  close(): Promise<void>;
}

const trainerFolder = new URL('../../services/trainer/', import.meta.url).pathname;

/** One worker for all stages of training and inference. */
export function startChain(
  { connection, db }: Pick<TestDatabase, 'connection' | 'db'>,
  { store }: TestCohort,
  python: string,
): Chain {
  const lines: string[] = [];
  const log = (message: string) => lines.push(message);
  const engine = new Engine({ log });
  const models = new Models(engine, store);
  const options = { connection, store, engine, models, codeRevision: 'test', log };
  const training = trainingHandler({
    connection,
    store,
    executor: processExecutor({ python, trainerFolder, threads: undefined, processes: 1 }),
    threads: undefined,
    codeRevision: 'test',
    log,
  });
  const handlers = {
    ...Object.fromEntries(trainerStages.map((stage) => [stage, training])),
    embed: embedHandler(options),
    predict: predictHandler(options),
    grade_slide: gradeSlideHandler(options),
    export: exportHandler(options),
  };
  const stop = new AbortController();
  const ended = work({ connection, name: 'chain', handlers, log }, stop.signal);
  return {
    engine,
    models,
    async run(run, also) {
      const id = await db.transaction().execute(async (trx) => {
        const id = await enqueue(trx, run);
        await also?.(trx, id);
        return id;
      });
      for (;;) {
        const row = await db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
        if (row.status === 'succeeded') return id;
        if (row.status === 'failed') throw new Error(`${JSON.stringify(row.error)}\n${lines.join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async close() {
      stop.abort();
      await ended;
      engine.close();
    },
  };
}
