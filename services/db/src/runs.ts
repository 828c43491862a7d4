import type { Problem } from '@stroma/core/errors';
import type { RunProgress, Stage } from '@stroma/core/http/job';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import type { DB, Json, Run } from './schema.ts';

export type RunRow = Selectable<Run>;

/** A worker's hold on a run. Every write carries the fence; a stale one changes nothing. */
export interface Lease {
  runId: number;
  fence: number;
}

export interface NewRun {
  stage: Stage;
  jobId?: number;
  encoder?: 'dino' | 'gen_dino';
  slideId?: string;
  config?: Record<string, unknown>;
  seed?: number;
  /** Runs that must have succeeded before this one is claimed, by role. */
  inputs?: { runId: number; role: string }[];
}

/** A run whose worker died this often is failed rather than tried again. */
export const maxAttempts = 8;
const channel = 'stroma_run';

export async function enqueue(db: Database | Transaction<DB>, run: NewRun): Promise<number> {
  const { id } = await db
    .insertInto('run')
    .values({
      stage: run.stage,
      jobId: run.jobId ?? null,
      encoder: run.encoder ?? null,
      slideId: run.slideId ?? null,
      config: JSON.stringify(run.config ?? {}),
      seed: run.seed ?? 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (run.inputs?.length) {
    const rows = run.inputs.map((input) => ({ runId: id, inputRunId: input.runId, role: input.role }));
    await db.insertInto('runInput').values(rows).execute();
  }
  await announce(db, id);
  return id;
}

/**
 * Takes the oldest run of these stages whose inputs are done: a queued one, or one whose worker let its lease run out.
 * The second kind counts an attempt; after maxAttempts it is failed instead.
 */
export async function claim(
  db: Database,
  stages: readonly Stage[],
  worker: string,
  leaseS: number,
): Promise<RunRow | undefined> {
  await failExhausted(db, stages);
  return await db
    .updateTable('run')
    .set((eb) => ({
      status: 'running',
      worker,
      leaseUntil: sql<Date>`now() + make_interval(secs => ${leaseS})`,
      fence: eb('fence', '+', 1),
      attempt: eb('attempt', '+', 1),
      error: null,
      startedAt: sql<Date>`coalesce(started_at, now())`,
      endedAt: null,
    }))
    .where('id', '=', (eb) =>
      eb
        .selectFrom('run as candidate')
        .select('candidate.id')
        .where('candidate.stage', 'in', [...stages])
        .where((where) =>
          where.or([
            where('candidate.status', '=', 'queued'),
            where.and([
              where('candidate.status', '=', 'running'),
              where('candidate.leaseUntil', '<', sql<Date>`now()`),
            ]),
          ]),
        )
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('runInput as need')
                .innerJoin('run as input', 'input.id', 'need.inputRunId')
                .select('need.inputRunId')
                .whereRef('need.runId', '=', 'candidate.id')
                .where('input.status', '<>', 'succeeded'),
            ),
          ),
        )
        .orderBy('candidate.id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
}

async function failExhausted(db: Database, stages: readonly Stage[]): Promise<void> {
  const problem: Problem = {
    code: 'run.worker_died',
    message: `The worker died ${maxAttempts} times at this run.`,
    remedy: 'Look at the service log for the cause (often memory), then resume the job.',
  };
  await db
    .updateTable('run')
    .set({
      status: 'failed',
      error: JSON.stringify(problem),
      endedAt: sql<Date>`now()`,
      leaseUntil: null,
      worker: null,
    })
    .where('stage', 'in', [...stages])
    .where('status', '=', 'running')
    .where('leaseUntil', '<', sql<Date>`now()`)
    .where('attempt', '>=', maxAttempts)
    .execute();
}

/** Prolongs the lease. `lost`: another worker holds the run now, stop at once. `cancelled`: someone asked to stop. */
export async function heartbeat(
  db: Database,
  lease: Lease,
  leaseS: number,
  progress?: RunProgress,
): Promise<'held' | 'cancelled' | 'lost'> {
  const row = await db
    .updateTable('run')
    .set({
      leaseUntil: sql<Date>`now() + make_interval(secs => ${leaseS})`,
      ...(progress ? { progress: JSON.stringify(progress) } : {}),
    })
    .where('id', '=', lease.runId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('cancelRequested')
    .executeTakeFirst();
  if (!row) return 'lost';
  if (progress) await announce(db, lease.runId);
  return row.cancelRequested ? 'cancelled' : 'held';
}

/** Thrown when a result comes from a worker that no longer holds the run; its transaction must be rolled back. */
export class LeaseLost extends Error {
  constructor(lease: Lease) {
    super(`run ${lease.runId} is held by another worker (fence ${lease.fence} is stale)`);
    this.name = 'LeaseLost';
  }
}

/** Marks a run done inside the transaction that stores what it made, so that neither is seen without the other. */
export async function succeed(
  db: Database | Transaction<DB>,
  lease: Lease,
  result: Record<string, unknown>,
): Promise<void> {
  await end(db, lease, { status: 'succeeded', result: JSON.stringify(result) });
}

/** Keeps what a run has found so far, in the transaction that makes it visible; it goes on, perhaps in another worker. */
export async function keepResult(trx: Transaction<DB>, lease: Lease, result: Record<string, unknown>): Promise<void> {
  const kept = await trx
    .updateTable('run')
    .set({ result: JSON.stringify(result) })
    .where('id', '=', lease.runId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  if (!kept) throw new LeaseLost(lease);
}

export async function fail(db: Database | Transaction<DB>, lease: Lease, problem: Problem): Promise<void> {
  await end(db, lease, { status: 'failed', error: JSON.stringify(problem) });
}

export async function cancelled(db: Database | Transaction<DB>, lease: Lease): Promise<void> {
  await end(db, lease, { status: 'cancelled' });
}

/** Gives a run back untouched, for a worker that is shutting down. The attempt is not counted. */
export async function release(db: Database, lease: Lease): Promise<void> {
  await db
    .updateTable('run')
    .set((eb) => ({ status: 'queued', worker: null, leaseUntil: null, attempt: eb('attempt', '-', 1) }))
    .where('id', '=', lease.runId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .execute();
  await announce(db, lease.runId);
}

async function end(
  db: Database | Transaction<DB>,
  lease: Lease,
  change: { status: string; result?: string; error?: string },
): Promise<void> {
  const done = await db
    .updateTable('run')
    .set({ ...change, endedAt: sql<Date>`now()`, leaseUntil: null, worker: null, cancelRequested: false })
    .where('id', '=', lease.runId)
    .where('fence', '=', lease.fence)
    .where('status', '=', 'running')
    .returning('id')
    .executeTakeFirst();
  if (!done) throw new LeaseLost(lease);
  await announce(db, lease.runId);
}

/** Tells listeners that a run changed; delivered when the surrounding transaction commits. */
export async function announce(db: Database | Transaction<DB>, runId: number): Promise<void> {
  await sql`select pg_notify(${channel}, ${String(runId)})`.execute(db);
}

export const runChannel = channel;

/** The row's json columns hold what the services put there. */
export function jsonOf<T>(value: Json | null): T | null {
  return value as T | null;
}
