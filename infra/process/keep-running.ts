import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs until it ends or is stopped: a child process, or the database server. */
export interface Running {
  pid: number;
  exited: Promise<string>;
  stop(): Promise<void>;
}

export interface Kept {
  readonly name: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A process that lived this long starts again with the shortest pause. */
const healthyMs = 30_000;

/** Starts something and starts it again whenever it ends, with growing pauses; `say` hears of each end. */
export async function keepRunning(
  name: string,
  start: () => Promise<Running>,
  say: (line: string) => void,
): Promise<Kept> {
  const stopping = new AbortController();
  let running: Running | undefined = await start();
  const loop = (async () => {
    let pauseMs = firstPauseMs;
    let startedAt = Date.now();
    while (!stopping.signal.aborted) {
      const how = running ? await running.exited : 'did not start';
      running = undefined;
      if (stopping.signal.aborted) return;
      if (Date.now() - startedAt > healthyMs) pauseMs = firstPauseMs;
      say(`${name} ended (${how}); it is started again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      if (stopping.signal.aborted) return;
      startedAt = Date.now();
      running = await start().catch((error: Error) => {
        say(`${name}: ${error.message}`);
        return undefined;
      });
    }
  })();
  return {
    name,
    pid: () => running?.pid,
    async stop() {
      stopping.abort();
      await running?.stop();
      await loop;
      // It may have come up while the abort was on its way.
      await running?.stop();
    },
  };
}
