import { readdir, readFile } from 'node:fs/promises';

const everyMs = 1_000;

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
 * Watches this process and all that descend from it. The kernel keeps each process' own peak (VmHWM), so a sample a
 * second only misses what a process needed in its last second. Without /proc nothing is seen.
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

async function descendants(root: number): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const children = new Map<number, number[]>();
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [root];
  for (let at = 0; at < found.length; at += 1) found.push(...(children.get(found[at] as number) ?? []));
  return found;
}

/** `services/api/src/main.ts`, `python -m stroma_trainer train_dino`, `postgres`, … */
async function programOf(pid: number): Promise<string> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter(Boolean);
  const module = words.indexOf('-m');
  if (module > 0) return words.slice(module + 1, module + 3).join(' ');
  const file = words.slice(1).find((word) => /\.(ts|mjs|js|cjs)$/.test(word) && !word.startsWith('file:'));
  return (file ?? words[0] ?? `process ${pid}`).split('/').slice(-3).join('/');
}
