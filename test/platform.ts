import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { descendants, programOf } from '@stroma/infra/process/process-tree';

const root = path.join(import.meta.dirname, '..');
const startWithinMs = 120_000;

export interface StartedPlatform {
  url: string;
  oneTimeLink: string;
  dataFolder: string;
  pid: number;
  /** Everything printed so far. */
  output(): string;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export async function temporaryData(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-platform-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts the platform as `npm start` does, as a process of its own on a free port. */
export async function startedPlatform(dataFolder: string): Promise<StartedPlatform> {
  const port = await freePort();
  const { DATABASE_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/start.ts', '--port', String(port)], {
    cwd: root,
    env: { ...environment, STROMA_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (const deadline = Date.now() + startWithinMs; ; ) {
    const oneTimeLink = /^Sign in once: (\S+)$/m.exec(output)?.[1];
    if (oneTimeLink) {
      return {
        url: new URL(oneTimeLink).origin,
        oneTimeLink,
        dataFolder,
        pid: child.pid as number,
        output: () => output,
        async stop() {
          child.kill('SIGINT');
          return await ended;
        },
      };
    }
    if (isOver || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the platform did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Of the platform's own database, as its api was told. */
export async function databaseUrl(platform: StartedPlatform): Promise<string> {
  for (const pid of await descendants(platform.pid)) {
    if (!/api\/src\/main/.test(await programOf(pid))) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const url = /(?:^|\0)DATABASE_URL=([^\0]+)/.exec(environment)?.[1];
    if (url) return url;
  }
  throw new Error('the api has no DATABASE_URL');
}
