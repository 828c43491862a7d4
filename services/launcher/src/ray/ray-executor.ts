import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Executor,
  lastLines,
  stoppedCode,
  type Trainer,
  type TrainerEnd,
  type TrainerStart,
} from '../executor.ts';
import { writeWhole } from '../write-whole.ts';
import { Attending } from './attendance.ts';
import { type RayAddress, type RayJob, RayJobs } from './jobs-api.ts';
import { type Patience, patiently } from './patience.ts';

export interface RayExecutorOptions extends RayAddress {
  /** Ranks at most; a run makes do with fewer when the cluster has no room for more. */
  workers: number;
  /** The interpreter on the cluster's nodes. */
  python: string;
  /** Put on the nodes' PYTHONPATH, for nodes that see this repository where this machine does. */
  trainerFolder: string;
  threads: number | undefined;
  /** How long the cluster may be away before the run fails. */
  patienceMs?: number;
}

const pollMs = 1_000;
/** After SIGTERM Ray gives a job RAY_JOB_STOP_WAIT_TIME_S before SIGKILL. */
const stopWaitS = 10;
const forcedMs = (stopWaitS + 5) * 1_000;
const defaultPatienceMs = 10 * 60_000;
const keptLogBytes = 1 << 18;

/**
 * Runs trainers as jobs of a Ray cluster. The run directory lies on storage that all nodes see: events, checkpoints and
 * the request to stop go through it, and a job goes on while the launcher restarts.
 */
export function rayExecutor(options: RayExecutorOptions): Executor {
  return { start: (start) => new RayTrainer(options, start) };
}

interface PlacedJob {
  id: string;
  attending: Attending;
}

class RayTrainer implements Trainer {
  readonly name: string;
  readonly ended: Promise<TrainerEnd>;
  readonly #options: RayExecutorOptions;
  readonly #start: TrainerStart;
  readonly #jobs: RayJobs;
  readonly #left = new AbortController();
  readonly #placed: Promise<PlacedJob>;
  #stopping = false;
  #forced = false;

  constructor(options: RayExecutorOptions, start: TrainerStart) {
    this.#options = options;
    this.#start = start;
    this.#jobs = new RayJobs(options);
    this.name = `a job of the Ray cluster at ${options.url}`;
    this.#placed = this.#findOrSubmit();
    this.ended = this.#carryOut();
  }

  stop(graceMs: number): void {
    if (this.#stopping && graceMs > 0) return;
    this.#stopping = true;
    void this.#end(graceMs);
  }

  leave(): void {
    this.#left.abort();
  }

  async #end(graceMs: number): Promise<void> {
    const ended = this.ended.catch(() => undefined);
    const over = sleep(graceMs, undefined, { ref: false });
    const job = await Promise.race([this.#placed.catch(() => undefined), over]);
    const mine = await job?.attending.askToStop().catch(() => true);
    await Promise.race([over, ended]);
    if (this.#left.signal.aborted || this.#forced) return;
    this.#forced = true;
    if (job && mine) await this.#jobs.stop(job.id).catch(() => undefined);
    // The cluster may be away or take its time; nobody waits here for longer.
    await Promise.race([sleep(forcedMs, undefined, { ref: false }), ended]);
    this.#left.abort();
  }

  async #carryOut(): Promise<TrainerEnd> {
    let job: PlacedJob | undefined;
    try {
      job = await this.#placed;
      const { id } = job;
      for (;;) {
        const state = await this.#patiently(() => this.#jobs.find(id));
        if (!state) return interrupted('the Ray cluster was started anew and has forgotten the job');
        if (state.status !== 'PENDING' && state.status !== 'RUNNING') return await this.#endOf(id, state);
        await sleep(pollMs, undefined, { signal: this.#left.signal });
      }
    } catch (error) {
      if (this.#left.signal.aborted) return interrupted('the launcher no longer follows the job');
      throw error;
    } finally {
      job?.attending.end();
      this.#left.abort();
    }
  }

  /** The job an earlier launcher started goes on with this one; else a new one begins. */
  async #findOrSubmit(): Promise<PlacedJob> {
    const { runFolder, fence, log } = this.#start;
    const before = await lastJob(runFolder);
    if (before !== undefined) {
      const id = nameOf(runFolder, before);
      const job = await this.#patiently(() => this.#jobs.find(id));
      if (job?.status === 'PENDING' || job?.status === 'RUNNING') {
        const attending = new Attending(runFolder, id, fence);
        await attending.begin();
        log(`Ray job ${id} is still there and is followed again`);
        return { id, attending };
      }
    }
    const number = (before ?? 0) + 1;
    const id = nameOf(runFolder, number);
    const attending = new Attending(runFolder, id, fence);
    try {
      await attending.begin();
      // Before the job exists: a launcher that dies in between looks for it, and finds it or begins the next.
      await writeWhole(jobFile(runFolder), `${JSON.stringify({ version: 1, number })}\n`);
      const isNew = await this.#patiently(() => this.#jobs.submit(this.#submission(id)));
      log(`Ray job ${id} ${isNew ? 'submitted' : 'was submitted already'}`);
      return { id, attending };
    } catch (error) {
      attending.end();
      throw error;
    }
  }

  #submission(id: string) {
    const { python, workers, trainerFolder, threads } = this.#options;
    const { stage, runFolder, note } = this.#start;
    const words = [python, '-m', 'stroma_trainer.on_ray', stage, '--run', runFolder];
    words.push('--workers', String(workers), '--job', id);
    return {
      submission_id: id,
      entrypoint: words.map(quoted).join(' '),
      runtime_env: {
        env_vars: {
          PYTHONPATH: trainerFolder,
          PYTHONUNBUFFERED: '1',
          PYTHONDONTWRITEBYTECODE: '1',
          RAY_JOB_STOP_WAIT_TIME_S: String(stopWaitS),
          ...(threads ? { OMP_NUM_THREADS: String(threads) } : {}),
          ...(note ? { STROMA_RUN_NOTE: note } : {}),
        },
      },
      metadata: { stroma_stage: stage, stroma_run: runFolder },
    };
  }

  /** What the job printed goes into the run directory; the cluster then need not keep it. */
  async #endOf(id: string, job: RayJob): Promise<TrainerEnd> {
    const logs = await this.#patiently(() => this.#jobs.logs(id));
    await appendFile(path.join(this.#start.runFolder, 'trainer.log'), logs.slice(-keptLogBytes)).catch(() => undefined);
    await this.#jobs.delete(id).catch(() => undefined);
    return endOf(job, lastLines(logs, 40));
  }

  #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { url, patienceMs: forMs = defaultPatienceMs } = this.#options;
    const minutes = (ms: number) => Math.round(ms / 6_000) / 10;
    const patience: Patience = {
      url,
      forMs,
      log: this.#start.log,
      waiting: (sinceMs) =>
        this.#start.report({
          phase: 'waiting for the Ray cluster, which does not answer',
          done: minutes(sinceMs),
          total: minutes(forMs),
          unit: 'min',
          ratePerS: null,
        }),
    };
    return patiently(patience, ask, this.#left.signal);
  }
}

/** A job's end as the end of a trainer; a job that no one but the cluster has ended is one that was interrupted. */
export function endOf(job: RayJob, lastWords: string): TrainerEnd {
  if (job.status === 'SUCCEEDED') return { code: 0, signal: null, lastWords };
  if (job.status === 'STOPPED') return interrupted('the Ray job was stopped', lastWords);
  const code = job.driver_exit_code ?? null;
  if (code !== null && code >= 0) return { code, signal: null, lastWords };
  const why = job.error_type ?? (code === null ? 'its machine was lost' : `signal ${-code}`);
  if (job.error_type === 'RUNTIME_ENV_SETUP_FAILURE' || job.error_type === 'JOB_ENTRYPOINT_COMMAND_START_ERROR') {
    return { code: 1, signal: null, lastWords: `${lastWords}\n${job.message ?? why}` };
  }
  return interrupted(`the Ray job ended without an exit code (${why})`, lastWords);
}

function interrupted(how: string, lastWords = ''): TrainerEnd {
  return { code: stoppedCode, signal: null, lastWords: `${lastWords}\ninterrupted: ${how}` };
}

const jobFile = (runFolder: string) => path.join(runFolder, 'ray-job.json');

/** The number of the run's last job; undefined: it has had none. */
async function lastJob(runFolder: string): Promise<number | undefined> {
  try {
    const { number } = JSON.parse(await readFile(jobFile(runFolder), 'utf8')) as { number?: unknown };
    return Number.isSafeInteger(number) ? (number as number) : undefined;
  } catch {
    return undefined;
  }
}

/** Names a run's jobs on a cluster that others, with runs of the same number, may use as well. */
export function nameOf(runFolder: string, number: number): string {
  const place = createHash('sha256').update(runFolder).digest('hex').slice(0, 8);
  return `stroma-${place}-run-${path.basename(runFolder)}-${number}`;
}

const quoted = (word: string) => (/^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
