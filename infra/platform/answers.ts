import { setTimeout as sleep } from 'node:timers/promises';
import { StromaError } from '@stroma/core/errors';

const readyWithinMs = 60_000;

/** Any answer will do: the api says 401 to those it does not know. */
export async function untilAnswers(url: string, logFolder: string): Promise<void> {
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; await sleep(100)) {
    const status = await fetch(url, { redirect: 'manual' }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status > 0 && status < 500) return;
  }
  throw new StromaError({
    code: 'start.no_answer',
    message: 'A service does not answer.',
    expected: `an answer from ${url} within ${readyWithinMs / 1000} s`,
    found: 'none',
    where: logFolder,
    remedy: 'Its log is in the folder above.',
  });
}
