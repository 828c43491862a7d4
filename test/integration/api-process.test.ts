import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createOneTimeLink } from '@stroma/api/one-time-link';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { insertCohort } from './api-data.ts';

const main = fileURLToPath(new URL('../../services/api/src/main.ts', import.meta.url));
let database: TestDatabase;
let folder: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  database = await withSchema();
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-api-'));
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function startProcess() {
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: database.databaseUrl,
      STROMA_OBJECTS: pathToFileURL(path.join(folder, 'objects')).href,
      STROMA_UPLOADS: path.join(folder, 'uploads'),
      STROMA_SECRET: 'a secret of at least 32 characters',
    },
  });
  started.push(child);
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    const origin = /http:\S+/.exec(output)?.[0];
    if (origin) return { child, origin };
  }
  throw new Error(`the api did not start: ${output}`);
}

async function signIn(origin: string): Promise<Record<string, string>> {
  const answer = await fetch(origin + (await createOneTimeLink(database.connection)), { redirect: 'manual' });
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((value) => value.split(';')[0])
      .join('; '),
    origin,
  };
}

test('an upload goes on after the api was killed, with the same bytes', async () => {
  const content = randomBytes(800_000);
  let { child, origin } = await startProcess();
  const session = await signIn(origin);
  const tus = (method: string, url: string, headers: Record<string, string>, body?: Buffer) =>
    fetch(url, {
      method,
      headers: { ...session, origin, 'tus-resumable': '1.0.0', ...headers },
      ...(body ? { body: new Uint8Array(body) } : {}),
    });
  const created = await tus('POST', `${origin}/api/uploads`, {
    'upload-length': String(content.length),
    'upload-metadata': `filename ${Buffer.from('killed.svs').toString('base64')}`,
  });
  const location = created.headers.get('location') ?? '';
  const patch = { 'content-type': 'application/offset+octet-stream' };
  // The whole file is promised, half of it comes, then the process dies with the lock in its hand.
  const half = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(content.subarray(0, 400_000))),
  });
  const broken = fetch(origin + location, {
    method: 'PATCH',
    headers: { ...session, 'tus-resumable': '1.0.0', ...patch, 'upload-offset': '0' },
    duplex: 'half',
    body: half,
  } as RequestInit).catch(() => 'broken');
  const file = path.join(folder, 'uploads', path.basename(location));
  await expect.poll(async () => (await readFile(file)).length, { timeout: 10_000 }).toBe(400_000);
  child.kill('SIGKILL');
  expect(await broken).toBe('broken');

  ({ child, origin } = await startProcess());
  const head = await tus('HEAD', origin + location, {});
  expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '400000']);
  const rest = await tus(
    'PATCH',
    origin + location,
    { ...patch, 'upload-offset': '400000' },
    content.subarray(400_000),
  );
  expect(rest.status).toBe(204);
  expect(content.equals(await readFile(file))).toBe(true);
  const runs = await database.db.selectFrom('run').selectAll().where('stage', '=', 'read_slide').execute();
  expect(runs).toMatchObject([{ config: { fileName: 'killed.svs', path: file } }]);
  child.kill('SIGKILL');
});

test('SIGTERM ends it within 5 s although a page listens to a job', async () => {
  const { child, origin } = await startProcess();
  const session = await signIn(origin);
  const { cohortId } = await insertCohort(database.db, { grades: ['0', '1'] });
  const job = await fetch(`${origin}/api/jobs`, {
    method: 'POST',
    headers: { ...session, 'content-type': 'application/json' },
    body: JSON.stringify({ cohortId, mpp: 0.5, preset: 'smoke', seed: 7 }),
  });
  const { id } = (await job.json()) as { id: number };
  const events = await fetch(`${origin}/api/jobs/${id}/events`, { headers: session });
  const text = events.text().catch(() => 'cut');
  const stoppedAt = Date.now();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(Date.now() - stoppedAt).toBeLessThan(5000);
  expect(await text).toContain('retry');
});

test('it ends when its parent is gone', async () => {
  const { child } = await startProcess();
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
