import { readFile } from 'node:fs/promises';

/** Peak memory of a process in MB, where /proc tells it; else 0. */
export async function peakMbOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
