import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Of Linux on every machine that Node.js runs on with pages of 4 KB; others state fewer pages, so less is found. */
const pageBytes = 4096;
const kilobyte = 1024;

/** Resident memory of a process in bytes; 0 when it has ended. */
export async function residentBytes(pid: number): Promise<number> {
  try {
    if (process.platform === 'linux') {
      const [, pages] = (await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ');
      return Number(pages) * pageBytes;
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout) * kilobyte;
  } catch {
    return 0;
  }
}
