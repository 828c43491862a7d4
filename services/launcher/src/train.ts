import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainerEvent } from '@stroma/core/contract/run-directory';
import type { Handler, Work } from '@stroma/db/worker';
import { EventTail } from './event-tail.ts';
import type { Executor, Trainer, TrainerEnd } from './executor.ts';
import { isLocked, trainerProblem } from './failure.ts';
import { finishRun } from './finish.ts';
import { Restarts } from './restarts.ts';
import { prepareRunFolder, type RunFolderOptions } from './run-folder.ts';

export interface TrainingOptions extends RunFolderOptions {
  executor: Executor;
  log(message: string): void;
}

const pollMs = 300;
/** A trainer that is asked to stop may use so long for its checkpoint. */
const graceMs = { cancelled: 60_000, lost: 10_000 };
/** An orphaned trainer ends within 30 s of its launcher's death (GRACE_S of the trainer). */
const lockWaitMs = 40_000;

export function trainingHandler(options: TrainingOptions): Handler {
  return async (work) => {
    const { run, lease } = work;
    const startedAt = Date.now();
    const log = (message: string) =>
      options.log(`run ${run.id} ${run.stage}: ${message} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
    const folder = await prepareRunFolder(options, run);
    log('run directory ready');
    let lastError: Extract<TrainerEvent, { kind: 'error' }> | undefined;
    const tail = new EventTail(options.connection.db, lease, path.join(folder, 'events.jsonl'), (event) => {
      if (event.kind === 'error') lastError = event;
      if (event.kind === 'progress') {
        const { phase, done, total, unit, rate_per_s } = event;
        work.report({ phase, done, total, unit, ratePerS: rate_per_s });
      }
    });
    const logFile = path.join(folder, 'trainer.log');
    const lockedUntil = Date.now() + lockWaitMs;
    const restarts = new Restarts(folder);
    for (;;) {
      await tail.catchUp();
      lastError = undefined;
      work.signal.throwIfAborted();
      const end = await execute(options, work, folder, restarts.note, tail, log);
      log(`trainer ended with ${end.signal ?? `code ${end.code}`}`);
      if (end.code === 0) break;
      work.signal.throwIfAborted();
      if (isLocked(end) && Date.now() < lockedUntil) {
        log('another trainer holds the run directory, waiting for its end');
        await sleep(2_000);
      } else if (await restarts.after(end, logFile)) {
        log(restarts.note ?? '');
      } else {
        throw trainerProblem(end, lastError, logFile);
      }
    }
    await tail.catchUp();
    await finishRun(options.connection, run, lease, folder);
    log('result stored');
  };
}

/** One life of the trainer; its events are stored when this resolves. */
async function execute(
  { executor }: TrainingOptions,
  { run, lease, signal, report }: Work,
  runFolder: string,
  note: string | undefined,
  tail: EventTail,
  log: (message: string) => void,
): Promise<TrainerEnd> {
  const trainer = executor.start({ stage: run.stage, runFolder, fence: lease.fence, note, log, report });
  log(`trainer started as ${trainer.name}`);
  const stop = () =>
    signal.reason === 'stopping'
      ? trainer.leave()
      : trainer.stop(graceMs[signal.reason as keyof typeof graceMs] ?? graceMs.lost);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    await followUntilEnd(trainer, tail, log);
    return await trainer.ended;
  } catch (error) {
    // Nobody follows it any more.
    trainer.stop(0);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function followUntilEnd(trainer: Trainer, tail: EventTail, log: (message: string) => void): Promise<void> {
  const ended = trainer.ended.then(() => true);
  for (let over = false; !over; ) {
    over = await Promise.race([ended, sleep(pollMs).then(() => false)]);
    try {
      await tail.catchUp();
    } catch (error) {
      // A database that is away for a moment costs no training; lines are read again at the next turn.
      log(`events could not be stored: ${String(error)}`);
    }
  }
}
