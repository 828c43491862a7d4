import { readFile } from 'node:fs/promises';
import { descendants, programOf } from './process-tree.ts';

const everyMs = 2_000;

export interface Peak {
  megabytes: number;
  /** The program that needed it. */
  program: string;
}

export interface PeakWatch {
  /** The largest peak of any single process so far. */
  largest(): Peak;
  stop(): void;
}

/**
 * Watches this process and all that descend from it. The kernel keeps each process' own peak (VmHWM), so a sample every
 * two seconds only misses what a process needed in its last two. Without /proc nothing is seen.
 */
export function watchPeakMemory(): PeakWatch {
  let largest: Peak = { megabytes: 0, program: '' };
  const look = async () => {
    for (const pid of await descendants(process.pid)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const megabytes = Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
      if (megabytes <= largest.megabytes) continue;
      largest = { megabytes, program: await programOf(pid) };
    }
  };
  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  timer.unref();
  return { largest: () => largest, stop: () => clearInterval(timer) };
}
