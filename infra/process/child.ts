import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ChildSpec {
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Asks the process to end in order; Postgres wants SIGINT for a fast shutdown. */
  stopSignal?: NodeJS.Signals;
  onLine?(line: string): void;
}

export interface Child {
  pid: number;
  /** How it ended, in words. */
  exited: Promise<string>;
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a process as the head of a group of its own, so that Ctrl-C in a terminal reaches only the launcher, and
 * whatever the process leaves behind can be ended with it. Its standard input is a pipe: when this process dies, by
 * kill -9 too, the pipe closes, and the child ends itself.
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  const child = spawn(spec.command, [...spec.args], {
    cwd: spec.cwd,
    env: spec.env ?? process.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A child that is gone breaks the pipe; its exit is what is reported.
  child.stdin.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => spec.onLine?.(line));
  }
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`));
  });
  await Promise.race([
    once(child, 'spawn'),
    exited.then((how) => Promise.reject(new Error(`${spec.command}: ${how}`))),
  ]);
  const pid = child.pid as number;
  // Nothing of its group outlives the head.
  void exited.then(() => signalGroup(pid, 'SIGKILL'));

  return {
    pid,
    exited,
    async stop(graceMs) {
      child.kill(spec.stopSignal ?? 'SIGTERM');
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group is empty.
  }
}
