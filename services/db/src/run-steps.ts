import { type Database, sql } from './client.ts';
import type { RunRow } from './runs.ts';

/** Carries a step of a run out and keeps how long it took, also when it fails. */
export type Step = <T>(name: string, step: () => Promise<T>) => Promise<T>;

/** One line and one row a step. A row that cannot be stored is no reason to fail the run. */
export function timedSteps(db: Database, run: Pick<RunRow, 'id' | 'attempt'>, log: (message: string) => void): Step {
  return async (name, step) => {
    const startedAt = new Date();
    const from = performance.now();
    try {
      return await step();
    } finally {
      const seconds = (performance.now() - from) / 1000;
      log(`run ${run.id} ${name} ${seconds.toFixed(2)} s`);
      const row = { runId: run.id, attempt: run.attempt, name, startedAt, seconds };
      await db
        .insertInto('runStep')
        .values(row)
        .execute()
        .catch((error: unknown) => log(`run ${run.id}: the time of ${name} could not be stored: ${String(error)}`));
    }
  };
}

/** Steps of the last attempt of each run, in order; a step carried out several times is one with their sum. */
export async function stepsOfRuns(db: Database, runIds: readonly number[]) {
  const { rows } = await sql<{ runId: number; name: string; seconds: number; times: number }>`
    select run_id as "runId", name, sum(seconds) as seconds, count(*)::int as times
    from run_step join run on run.id = run_step.run_id and run.attempt = run_step.attempt
    where run_id = any(${runIds}::int[])
    group by run_id, name order by run_id, min(run_step.id)`.execute(db);
  return rows;
}
