import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, sql } from '@stroma/db/client';
import { startPostgres } from '@stroma/infra/postgres';
import { startChild } from '@stroma/infra/process/child';
import { lockData } from '@stroma/infra/process/data-lock';
import { keepRunning } from '@stroma/infra/process/keep-running';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-infra-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function answer(databaseUrl: string, query: string): Promise<unknown> {
  const connection = connect(databaseUrl, { maxConnections: 1 });
  try {
    const { rows } = await sql.raw<{ value: unknown }>(`select ${query} as value`).execute(connection.db);
    return rows[0]?.value;
  } finally {
    await connection.close();
  }
}

test('what is committed is there after a stop and a start', async () => {
  const dataFolder = path.join(folder, 'postgres');
  const first = await startPostgres({ dataFolder });
  const connection = connect(first.databaseUrl);
  await sql`create table kept as select 42 as value`.execute(connection.db);
  await connection.close();
  await first.stop();
  expect(await first.exited).toBe('exit code 0');
  const second = await startPostgres({ dataFolder });
  expect(await answer(second.databaseUrl, '(select value from kept)')).toBe(42);
  await second.stop();
});

test('a folder whose path is too long for a socket works too', async () => {
  const postgres = await startPostgres({ dataFolder: path.join(folder, 'a'.repeat(60), 'b'.repeat(60), 'postgres') });
  expect(await answer(postgres.databaseUrl, '1')).toBe(1);
  await postgres.stop();
});

test('a server that a killed launcher left behind is stopped before the next one starts', async () => {
  const dataFolder = path.join(folder, 'postgres');
  const left = await startPostgres({ dataFolder });
  // As if its launcher were gone: nobody holds the server, it runs on.
  const next = await startPostgres({ dataFolder });
  expect(await left.exited).toContain('0');
  expect(isAlive(left.pid)).toBe(false);
  expect(await answer(next.databaseUrl, '1')).toBe(1);
  await next.stop();
});

test.runIf(process.platform === 'linux')(
  'Postgres ends when the process that started it is killed with -9',
  async () => {
    const program = path.join(folder, 'hold.mts');
    const module = path.join(import.meta.dirname, '..', '..', 'infra', 'postgres.ts');
    await writeFile(
      program,
      `import { startPostgres } from '${module}';
const { pid } = await startPostgres({ dataFolder: '${path.join(folder, 'postgres')}' });
console.log(pid);
setInterval(() => undefined, 1000);`,
    );
    const holder = spawn(process.execPath, ['--import', 'tsx', program], {
      cwd: path.join(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(holder.stdout, 'data');
    const pid = Number(String(printed));
    expect(isAlive(pid)).toBe(true);
    holder.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 8_000 }).toBe(false);
  },
);

test('a second launcher on the same data is refused, that of a killed one is taken over', async () => {
  const release = await lockData(folder);
  await expect(lockData(folder)).rejects.toThrow('in use');
  release();
  // A pid that lives on, in another process that began at another time.
  await writeFile(path.join(folder, 'launcher.lock'), JSON.stringify({ pid: process.ppid, began: '1' }));
  (await lockData(folder))();
});

test('a process that dies is started again, and a stop is final', async () => {
  const heard: string[] = [];
  const start = async () => {
    const child = await startChild({ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] });
    return { pid: child.pid, exited: child.exited, stop: () => child.stop(2_000) };
  };
  const kept = await keepRunning('sleeper', start, (line) => heard.push(line));
  const first = kept.pid() as number;
  process.kill(first, 'SIGKILL');
  await expect.poll(() => kept.pid() ?? first, { timeout: 5_000 }).not.toBe(first);
  expect(heard).toEqual(['sleeper ended (killed by SIGKILL); it is started again in 0.2 s']);
  const second = kept.pid() as number;
  await kept.stop();
  expect(isAlive(second)).toBe(false);
  expect(kept.pid()).toBeUndefined();
});

test('what a process leaves behind ends with it', async () => {
  await mkdir(path.join(folder, 'work'));
  const note = path.join(folder, 'pid');
  const child = await startChild({ command: 'sh', args: ['-c', `sleep 60 & echo $! > ${note}; exit 3`] });
  expect(await child.exited).toBe('exit code 3');
  const grandchild = Number(await readFile(note, 'utf8'));
  await expect.poll(() => readlink(`/proc/${grandchild}/exe`).catch(() => 'gone'), { timeout: 5_000 }).toBe('gone');
});
