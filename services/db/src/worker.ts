import { asProblem } from '@stroma/core/errors';
import type { RunProgress, Stage } from '@stroma/core/http/job';
import type { Connection } from './client.ts';
import { listen } from './listen.ts';
import { type Step, timedSteps } from './run-steps.ts';
import { cancelled, claim, fail, heartbeat, type Lease, LeaseLost, type RunRow, release, runChannel } from './runs.ts';

export interface Work {
  run: RunRow;
  lease: Lease;
  /** Aborted when the run was cancelled (reason 'cancelled'), lost ('lost') or the worker stops ('stopping'). */
  signal: AbortSignal;
  /** Remembered and written with the next heartbeat, at most once a second. */
  report(progress: RunProgress): void;
  /** Carries a step out; its time is kept with the run. */
  step: Step;
}

/** Carries a run out and stores its result with `succeed` in one transaction; throws a StromaError to fail it. */
export type Handler = (work: Work) => Promise<void>;

export interface WorkerOptions {
  connection: Connection;
  name: string;
  handlers: Partial<Record<Stage, Handler>>;
  /** A worker that is not heard of for this long is thought dead. */
  leaseS?: number;
  log(message: string): void;
}

const pollMs = 2_000;
const heartbeatMs = 1_000;

/** Claims and carries out runs one at a time until the signal aborts; the run at hand is then given back. */
export async function work(options: WorkerOptions, stop: AbortSignal): Promise<void> {
  const { connection, handlers, name, log, leaseS = 15 } = options;
  const stages = Object.keys(handlers) as Stage[];
  const doorbell = await listen(connection, runChannel, stop);
  while (!stop.aborted) {
    const run = await claim(connection.db, stages, name, leaseS).catch((error: unknown) => {
      log(`cannot claim: ${String(error)}`);
      return undefined;
    });
    const handler = run && handlers[run.stage as Stage];
    if (run && handler) await carryOut(run, handler, options, leaseS, stop);
    else await doorbell.next(pollMs);
  }
  await doorbell.close();
}

async function carryOut(
  run: RunRow,
  handler: Handler,
  options: WorkerOptions,
  leaseS: number,
  stop: AbortSignal,
): Promise<void> {
  const { connection, log } = options;
  const { db } = connection;
  const lease = { runId: run.id, fence: run.fence };
  const abort = new AbortController();
  const stopping = () => abort.abort('stopping');
  stop.addEventListener('abort', stopping);
  let progress: RunProgress | undefined;
  let heardAt = Date.now();
  const beat = setInterval(async () => {
    const news = progress;
    progress = undefined;
    try {
      const state = await heartbeat(db, lease, leaseS, news);
      heardAt = Date.now();
      if (state !== 'held') abort.abort(state);
    } catch {
      if (Date.now() - heardAt > leaseS * 1000) abort.abort('lost');
    }
  }, heartbeatMs);
  const startedAt = Date.now();
  const report = (news: RunProgress) => {
    progress = news;
  };
  const step = timedSteps(db, run, log);
  try {
    await handler({ run, lease, signal: abort.signal, report, step });
    log(`run ${run.id} ${run.stage} succeeded in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  } catch (error) {
    await settle(error, abort.signal, lease, options, run);
  } finally {
    clearInterval(beat);
    stop.removeEventListener('abort', stopping);
  }
}

async function settle(
  error: unknown,
  signal: AbortSignal,
  lease: Lease,
  { connection, log }: WorkerOptions,
  run: RunRow,
) {
  const why = signal.aborted ? String(signal.reason) : error instanceof LeaseLost ? 'lost' : 'failed';
  log(`run ${run.id} ${run.stage} ${why}${why === 'failed' ? `: ${String((error as Error)?.stack ?? error)}` : ''}`);
  try {
    if (why === 'stopping') await release(connection.db, lease);
    else if (why === 'cancelled') await cancelled(connection.db, lease);
    else if (why === 'failed') await fail(connection.db, lease, asProblem(error));
  } catch (unsaved) {
    // The lease runs out by itself and the run is claimed again.
    log(`run ${run.id}: its end could not be stored: ${String(unsaved)}`);
  }
}
