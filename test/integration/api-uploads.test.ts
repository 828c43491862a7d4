import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildApi } from '@stroma/api/app';
import { sweepUploads } from '@stroma/api/uploads/upload-folder';
import { takeUploadLock } from '@stroma/db/upload-locks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let origin: string;
beforeAll(async () => {
  server = await startApi({ uploadLimits: { maxBytes: 5_000_000, lockTimes: { heldS: 60, patienceMs: 400 } } });
  origin = await server.api.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

const uploads = () => path.join(server.folder, 'uploads');
const tus = (method: string, url: string, headers: Record<string, string> = {}, body?: Buffer) =>
  fetch(origin + url, {
    method,
    headers: { cookie: server.browser.cookie ?? '', origin, 'tus-resumable': '1.0.0', ...headers },
    ...(body ? { body: new Uint8Array(body) } : {}),
  });
const base64 = (text: string) => Buffer.from(text).toString('base64');
async function create(bytes: number, name = 'slide.svs'): Promise<string> {
  const answer = await tus('POST', '/api/uploads', {
    'upload-length': String(bytes),
    'upload-metadata': `filename ${base64(name)}`,
  });
  expect(answer.status).toBe(201);
  return answer.headers.get('location') ?? '';
}
const append = (location: string, offset: number, body: Buffer) =>
  tus('PATCH', location, { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }, body);
const runsOf = async (location: string) => {
  const runs = await server.database.db.selectFrom('run').selectAll().where('stage', '=', 'read_slide').execute();
  return runs.filter((run) => (run.config as { uploadId: string }).uploadId === path.basename(location));
};
const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;
const rowOf = (location: string) =>
  server.database.db.selectFrom('upload').selectAll().where('id', '=', path.basename(location)).executeTakeFirst();

test('an upload arrives in pieces and is handed to ingest once', async () => {
  const content = randomBytes(3_000_000);
  const location = await create(content.length, '../../lab/My slide.svs');
  expect(location).toMatch(/^\/api\/uploads\/[0-9a-f]{32}$/);
  expect((await append(location, 0, content.subarray(0, 1_000_000))).status).toBe(204);
  expect((await append(location, 0, content)).status).toBe(409);
  expect(await runsOf(location)).toEqual([]);
  const head = await tus('HEAD', location);
  expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '1000000']);
  expect((await append(location, 1_000_000, content.subarray(1_000_000))).status).toBe(204);

  const file = path.join(uploads(), path.basename(location));
  expect(content.equals(await readFile(file))).toBe(true);
  expect(await runsOf(location)).toMatchObject([
    { status: 'queued', config: { uploadId: path.basename(location), path: file, fileName: 'My slide.svs' } },
  ]);
  const { uploads: listed } = (await server.ask('/api/upload-list?limit=1')).json();
  expect(listed).toMatchObject([{ fileName: 'My slide.svs', bytes: 3_000_000, status: 'reading', duplicate: false }]);
});

test('a connection that breaks keeps what came', async () => {
  const content = randomBytes(2_000_000);
  const location = await create(content.length);
  const stop = new AbortController();
  const broken = fetch(origin + location, {
    method: 'PATCH',
    signal: stop.signal,
    headers: {
      cookie: server.browser.cookie ?? '',
      origin,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(content.length),
    },
    duplex: 'half',
    body: new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(content.subarray(0, 700_000))),
    }),
  } as RequestInit).catch(() => undefined);
  await expect.poll(async () => (await readFile(path.join(uploads(), path.basename(location)))).length).toBe(700_000);
  stop.abort();
  await broken;
  await expect.poll(async () => (await tus('HEAD', location)).headers.get('upload-offset')).toBe('700000');
  expect((await append(location, 700_000, content.subarray(700_000))).status).toBe(204);
  expect(content.equals(await readFile(path.join(uploads(), path.basename(location))))).toBe(true);
});

test('an upload that another process writes to is locked', async () => {
  const location = await create(10);
  await takeUploadLock(server.database.db, path.basename(location), 'another process', 60);
  const answer = await append(location, 0, Buffer.alloc(10));
  expect([answer.status, await codeOf(answer)]).toEqual([423, 'upload.locked']);
  const lock = await server.database.db.selectFrom('uploadLock').selectAll().executeTakeFirstOrThrow();
  expect(lock).toMatchObject({ holder: 'another process', releaseRequested: true });
  // Its holder died: the lock runs out.
  await server.database.db
    .updateTable('uploadLock')
    .set({ heldUntil: new Date(Date.now() - 1) })
    .execute();
  expect((await append(location, 0, Buffer.alloc(10))).status).toBe(204);
  expect(await server.database.db.selectFrom('uploadLock').selectAll().execute()).toEqual([]);
});

describe('refused', () => {
  test.each([
    ['too large', { 'upload-length': '5000001' }, 413, 'upload.size'],
    ['empty', { 'upload-length': '0' }, 411, 'upload.length'],
    ['of unknown length', { 'upload-defer-length': '1' }, 411, 'upload.length'],
  ])('%s', async (_, headers, status, code) => {
    const answer = await tus('POST', '/api/uploads', headers as Record<string, string>);
    expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
  });

  test('a path for an id, and somebody else’s upload', async () => {
    expect((await tus('HEAD', '/api/uploads/..%2f..%2fsecret')).status).toBe(404);
    const location = await create(10);
    const { db } = server.database;
    await db.insertInto('appUser').values({ id: 'other', name: 'Other', email: 'other@lab', role: 'member' }).execute();
    await db.updateTable('upload').set({ userId: 'other' }).where('id', '=', path.basename(location)).execute();
    await db.updateTable('appUser').set({ role: 'member' }).execute();
    server.api.identifier.forget();
    expect((await tus('HEAD', location)).status).toBe(404);
    await db.updateTable('appUser').set({ role: 'admin' }).where('id', '<>', 'other').execute();
    server.api.identifier.forget();
    expect((await tus('HEAD', location)).status).toBe(200);
  });
});

test('the second upload of the same bytes is shown as a duplicate', async () => {
  const { db } = server.database;
  const [first, second] = [await create(10), await create(10)].map((location) => path.basename(location)) as [
    string,
    string,
  ];
  const slideId = await insertSlide(db, { name: 'twice.svs' });
  const slide = { kind: 'slide', name: 'twice.svs', files: ['twice.svs'], fileCount: 1, bytes: 10, slideId };
  await db
    .insertInto('uploadFinding')
    .values([
      { ...slide, uploadId: first },
      { ...slide, uploadId: second, isDuplicate: true },
    ])
    .execute();
  const { uploads: listed } = (await server.ask('/api/upload-list')).json();
  const duplicate = (id: string) => listed.find((upload: { id: string }) => upload.id === id).duplicate;
  expect([duplicate(first), duplicate(second)]).toEqual([false, true]);
});

test('an upload that is given up leaves nothing', async () => {
  const location = await create(10);
  expect((await tus('DELETE', location)).status).toBe(204);
  await expect.poll(() => rowOf(location)).toBeUndefined();
  expect((await readdir(uploads())).filter((name) => name.startsWith(path.basename(location)))).toEqual([]);
});

test('what ended is swept from the folder, the rest stays', async () => {
  const { db } = server.database;
  const [ended, open] = [await create(10), await create(10)].map((location) => path.basename(location)) as [
    string,
    string,
  ];
  await db.updateTable('upload').set({ status: 'refused' }).where('id', '=', ended).execute();
  await writeFile(path.join(uploads(), 'notes.txt'), 'not ours');
  await sweepUploads(db, uploads());
  const left = await readdir(uploads());
  expect(left).toEqual(expect.arrayContaining(['notes.txt', open, `${open}.json`]));
  expect(left.filter((name) => name.startsWith(ended))).toEqual([]);
});

test('a finished upload that no run reads is handed on at the next start', async () => {
  const { db, connection } = server.database;
  const location = await create(10);
  const half = await create(10);
  await writeFile(path.join(uploads(), path.basename(location)), Buffer.alloc(10));
  const lost = await create(10);
  await append(lost, 0, Buffer.alloc(10));
  await db
    .deleteFrom('run')
    .where('id', '=', (await runsOf(lost))[0]?.id ?? 0)
    .execute();
  for (let start = 0; start < 2; start += 1) {
    const secret = 'a secret of at least 32 characters';
    const api = await buildApi({ connection, store: server.store, uploadsFolder: uploads(), secret });
    await api.ready();
    await api.close();
  }
  expect(await runsOf(location)).toHaveLength(1);
  expect(await runsOf(lost)).toHaveLength(1);
  expect(await runsOf(half)).toHaveLength(0);
  expect((await rowOf(location))?.status).toBe('reading');
  await rm(uploads(), { recursive: true });
});
