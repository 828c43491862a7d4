import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Child, startChild } from '@stroma/infra/process/child';
import { descendants } from '@stroma/infra/process/process-tree';
import { inRepository } from '@stroma/infra/repository';
import type { Load, Loaded } from './tiles-load.ts';

export interface Server {
  origin: string;
  /** The most memory that it and its readers ever needed, in MB; 0 where /proc does not tell, as for the next. */
  peakRssMb(): Promise<number>;
  /** Time that they have computed so far. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** The kernel counts time in hundredths of a second (USER_HZ, the same on every Linux). */
const ticksAS = 100;

/** The platform's own api process, on a port of its own; it leaves a CPU profile in `profile` when it ends. */
export function startApiProcess(env: NodeJS.ProcessEnv, profile?: string): Promise<Server> {
  const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  return startServer(flags, [inRepository('services/api/src/main.ts')], env);
}

/** A bare Node HTTP server over a list of bodies. */
export function startBareServer(list: string): Promise<Server> {
  return startServer([], [path.join(import.meta.dirname, 'tiles-bare.ts'), list], {});
}

async function startServer(flags: string[], program: string[], env: NodeJS.ProcessEnv): Promise<Server> {
  let child: Child | undefined;
  const lines: string[] = [];
  const origin = await new Promise<string>((resolve, reject) => {
    const onLine = (line: string) => {
      lines.push(line);
      const found = /http:\/\/\S+/.exec(line)?.[0];
      if (found) resolve(found);
    };
    const spec = { command: process.execPath, args: [...flags, '--import', 'tsx', ...program] };
    startChild({ ...spec, env: { ...process.env, NODE_ENV: 'production', ...env }, onLine }).then((started) => {
      child = started;
      void started.exited.then((how) => reject(new Error([how, ...lines].join('\n'))));
    }, reject);
  });
  return {
    origin,
    async peakRssMb() {
      const status = await each(child, 'status');
      return sum(status.map((text) => Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0))) / 1024;
    },
    async cpuSeconds() {
      const stat = await each(child, 'stat');
      // Fields 14 and 15, counted from behind the program's name, which may hold spaces.
      return (
        sum(
          stat.map((text) =>
            sum(
              text
                .slice(text.lastIndexOf(')') + 2)
                .split(' ')
                .slice(11, 13)
                .map(Number),
            ),
          ),
        ) / ticksAS
      );
    },
    stop: async () => child?.stop(5_000),
  };
}

export async function underLoad(load: Load): Promise<Loaded> {
  const program = path.join(import.meta.dirname, 'tiles-load.ts');
  const output = await new Promise<string>((resolve, reject) => {
    const options = { maxBuffer: 1e8 };
    const child = execFile(process.execPath, ['--import', 'tsx', program], options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(JSON.stringify(load));
  });
  return JSON.parse(output) as Loaded;
}

/** What /proc says of the process and of those that it started. */
async function each(child: Child | undefined, what: 'stat' | 'status'): Promise<string[]> {
  const pids = child ? await descendants(child.pid) : [];
  return await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/${what}`, 'utf8').catch(() => '')));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
