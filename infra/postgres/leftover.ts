import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stops a server that an earlier launcher left on these files. Only one launcher holds the data folder, so a server
 * found here has no owner. Its working folder proves that the pid has not gone to another program meanwhile; where
 * that cannot be read (no /proc) nothing is stopped, and Postgres itself refuses to start twice.
 */
export async function stopLeftover(cluster: string): Promise<boolean> {
  const pidFile = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(pidFile.split('\n')[0]);
  if (!pid || !(await serves(pid, cluster))) return false;
  // Fast shutdown, then immediate (recovers from the log at the next start), then by force.
  for (const [signal, waitMs] of [
    ['SIGINT', 6_000],
    ['SIGQUIT', 3_000],
    ['SIGKILL', 2_000],
  ] as const) {
    process.kill(pid, signal);
    for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(50)) {
      if (!(await serves(pid, cluster))) return true;
    }
  }
  return true;
}

async function serves(pid: number, cluster: string): Promise<boolean> {
  return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === cluster;
}
