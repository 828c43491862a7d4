import { setTimeout as sleep } from 'node:timers/promises';
import { StromaError } from '@stroma/core/errors';
import { RayAway } from './jobs-api.ts';

export interface Patience {
  url: string;
  /** How long a cluster may be away before the run fails. */
  forMs: number;
  log(message: string): void;
  /** Tells people who look at the run that, and since when, it waits. */
  waiting(sinceMs: number): void;
}

const retryMs = [500, 1_000, 2_000, 5_000];

/** Asks until the cluster answers; throws `ray.unreachable` when it has not for too long, and when `signal` aborts. */
export async function patiently<T>(patience: Patience, ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const since = Date.now();
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await ask();
      if (tries > 0) patience.log(`the Ray cluster answers again after ${seconds(since)} s`);
      return answer;
    } catch (error) {
      if (!(error instanceof RayAway)) throw error;
      const waited = Date.now() - since;
      if (tries === 0) patience.log(`the Ray cluster at ${patience.url} does not answer (${error.message}), waiting`);
      if (waited >= patience.forMs) throw unreachable(patience, error.message);
      patience.waiting(waited);
      await sleep(Math.min(retryMs[tries] ?? 5_000, Math.max(1, patience.forMs - waited)), undefined, { signal });
    }
  }
}

function unreachable({ url, forMs }: Patience, found: string): StromaError {
  return new StromaError({
    code: 'ray.unreachable',
    message: `The Ray cluster has not answered for ${Math.round(forMs / 1000)} s.`,
    expected: 'an answer of Ray’s dashboard',
    found,
    where: url,
    remedy: 'Start the cluster, or set STROMA_RAY_URL to one that is up; then resume the job.',
  });
}

const seconds = (since: number) => Math.round((Date.now() - since) / 1000);
