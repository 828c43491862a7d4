import { readFileSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StromaError } from '@stroma/core/errors';

interface Holder {
  pid: number;
  /** Clock ticks after boot at which the process began: a pid used again has another. */
  began: string;
}

/** One launcher a data folder. The lock of a launcher that was killed is taken over. */
export async function lockData(folder: string): Promise<() => void> {
  const file = path.join(folder, 'launcher.lock');
  const mine: Holder = { pid: process.pid, began: await processBegan(process.pid) };
  const text = JSON.stringify(mine);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const taken = await writeFile(file, text, { flag: 'wx', mode: 0o600 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (taken) return () => release(file, text);
    const holder = JSON.parse((await readFile(file, 'utf8').catch(() => '')) || '{}') as Partial<Holder>;
    if (holder.pid && (await isAlive(holder as Holder))) refuse(folder, holder.pid);
    await rm(file, { force: true });
  }
  throw new StromaError({ code: 'data.lock', message: 'The data folder’s lock cannot be taken.', where: file });
}

function refuse(folder: string, pid: number): never {
  throw new StromaError({
    code: 'data.in_use',
    message: 'This data folder is in use by a Stroma that is running.',
    where: folder,
    found: `process ${pid}`,
    remedy: 'Use the running one, stop it with Ctrl-C in its terminal, or set STROMA_DATA to another folder.',
  });
}

function release(file: string, text: string): void {
  try {
    if (readFileSync(file, 'utf8') === text) rmSync(file);
  } catch {
    // Gone already.
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (await processBegan(holder.pid)) === holder.began;
}

/** Field 22 of /proc/<pid>/stat, counted after the name in brackets; empty where there is no /proc. */
async function processBegan(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
