import { fstatSync } from 'node:fs';
import { hostname } from 'node:os';

export interface WorkerProcess {
  /** Names this process in the rows it holds. */
  worker: string;
  /** Aborted by SIGTERM, SIGINT and the parent's death. */
  stop: AbortSignal;
  log(message: string): void;
}

/** What every worker service does with its process: a line a step on standard output, and a quiet end. */
export function workerProcess(service: string): WorkerProcess {
  const log = (message: string) => process.stdout.write(`${new Date().toISOString()} ${service} ${message}\n`);
  const stop = new AbortController();
  const end = (why: string) => {
    if (stop.signal.aborted) return;
    log(`stopping: ${why}`);
    stop.abort();
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  whenParentDies(() => end('the parent process has ended'));
  return { worker: `${service}@${hostname()}:${process.pid}`, stop: stop.signal, log };
}

/**
 * Calls back when the process that started this one has died: its end of our standard input closes then. A terminal,
 * a file or /dev/null says nothing about a parent; node's pipes are sockets.
 */
export function whenParentDies(callback: () => void): void {
  let input: ReturnType<typeof fstatSync>;
  try {
    input = fstatSync(0);
  } catch {
    return; // no standard input at all
  }
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on('end', callback);
  process.stdin.on('error', callback);
  process.stdin.resume();
}
