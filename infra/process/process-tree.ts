import { readdir, readFile } from 'node:fs/promises';

/** A process and all that descend from it, by pid; only itself where there is no /proc. */
export async function descendants(root: number): Promise<number[]> {
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
export async function programOf(pid: number): Promise<string> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter(Boolean);
  const module = words.indexOf('-m');
  if (module > 0) return words.slice(module + 1, module + 3).join(' ');
  const file = words.slice(1).find((word) => /\.(ts|mjs|js|cjs)$/.test(word) && !word.startsWith('file:'));
  return (file ?? words[0] ?? `process ${pid}`).split('/').slice(-3).join('/');
}
