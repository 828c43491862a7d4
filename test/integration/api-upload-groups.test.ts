import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { UploadGroupAnswer, UploadGroupMessage } from '@stroma/core/http/upload';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let origin: string;
beforeAll(async () => {
  server = await startApi({ uploadLimits: { maxBytes: 5_000_000 } });
  origin = await server.api.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

const db = () => server.database.db;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const tus = (method: string, url: string, headers: Record<string, string>, body?: Buffer) =>
  fetch(origin + url, {
    method,
    headers: { cookie: server.browser.cookie ?? '', origin, 'tus-resumable': '1.0.0', ...headers },
    ...(body ? { body: new Uint8Array(body) } : {}),
  });
const announce = (files: { path: string; bytes: number }[], name = 'case 7') =>
  server.ask({ method: 'POST', url: '/api/upload-groups', payload: { name, files } });
const create = (group: string, filePath: string, bytes: number) =>
  tus('POST', '/api/uploads', {
    'upload-length': String(bytes),
    'upload-metadata': `filename ${base64('any')},group ${base64(group)},path ${base64(filePath)}`,
  });
const append = (location: string, body: Buffer) =>
  tus('PATCH', location, { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }, body);
const groupOf = async (id: string): Promise<UploadGroupMessage | undefined> => {
  const { groups } = (await server.ask('/api/upload-list')).json() as { groups: UploadGroupMessage[] };
  return groups.find((group) => group.id === id);
};
const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

const content = randomBytes(1000);
const list = (prefix: string) => [
  { path: `${prefix}.mrxs`, bytes: 10 },
  { path: `${prefix}/Data0000.dat`, bytes: 1000 },
];

test('a group is read once, when its last file is whole; announced again in between it goes on', async () => {
  const { id } = (await announce(list('a'))).json() as UploadGroupAnswer;
  const first = (await create(id, 'a.mrxs', 10)).headers.get('location') ?? '';
  expect((await append(first, Buffer.alloc(10))).status).toBe(204);
  expect(await groupOf(id)).toMatchObject({
    name: 'case 7',
    fileCount: 2,
    bytes: 1010,
    receivedFiles: 1,
    receivedBytes: 10,
    status: 'receiving',
    mine: true,
  });
  const begun = (await create(id, 'a/Data0000.dat', 1000)).headers.get('location') ?? '';
  const again = (await announce([...list('a')].reverse())).json() as UploadGroupAnswer;
  expect(again.id).toBe(id);
  expect(again.begun).toEqual(
    expect.arrayContaining([
      { path: 'a.mrxs', uploadId: path.basename(first), received: true },
      { path: 'a/Data0000.dat', uploadId: path.basename(begun), received: false },
    ]),
  );
  // Begun anew instead of gone on with: the earlier one is forgotten.
  const second = (await create(id, 'a/Data0000.dat', 1000)).headers.get('location') ?? '';
  expect((await tus('HEAD', begun, {})).status).toBe(404);
  await append(second, content);
  expect((await groupOf(id))?.status).toBe('reading');
  const runs = await db().selectFrom('run').select('config').where('stage', '=', 'read_slide').execute();
  expect(runs).toEqual([{ config: { groupId: id, fileName: 'case 7' } }]);
  expect(content.equals(await readFile(path.join(server.folder, 'uploads', path.basename(second))))).toBe(true);
  // What is read together is no upload of its own.
  expect((await server.ask('/api/upload-list')).json().uploads).toEqual([]);
});

test('only what the list says is taken, once, and only from who announced it', async () => {
  const { id } = (await announce(list('b'))).json() as UploadGroupAnswer;
  expect(await codeOf(await create(id, 'b/other.dat', 10))).toBe('upload.group_file');
  expect(await codeOf(await create(id, 'b.mrxs', 11))).toBe('upload.group_file');
  expect(await codeOf(await create('no group', 'b.mrxs', 10))).toBe('upload.group');
  const location = (await create(id, 'b.mrxs', 10)).headers.get('location') ?? '';
  await append(location, Buffer.alloc(10));
  expect(await codeOf(await create(id, 'b.mrxs', 10))).toBe('upload.group_file');
  await db().insertInto('appUser').values({ id: 'other', name: 'Other', email: 'o@lab', role: 'member' }).execute();
  await db().updateTable('uploadGroup').set({ userId: 'other' }).where('id', '=', id).execute();
  expect(await codeOf(await create(id, 'b/Data0000.dat', 1000))).toBe('upload.group');
});

test.each([
  ['a way out', [{ path: '../a', bytes: 1 }], 'upload.group_list'],
  ['an absolute path', [{ path: '/a', bytes: 1 }], 'upload.group_list'],
  ['a path twice', [...list('c'), ...list('c')], 'upload.group_list'],
  ['more bytes than are taken', [{ path: 'a', bytes: 6_000_000 }], 'upload.group_list'],
])('a list with %s is refused', async (_, files, code) => {
  const answer = await announce(files);
  expect([answer.statusCode, answer.json().error.code]).toEqual([400, code]);
});

test('a group that is given up leaves nothing; one that is whole stays', async () => {
  const { id } = (await announce(list('d'))).json() as UploadGroupAnswer;
  const location = (await create(id, 'd.mrxs', 10)).headers.get('location') ?? '';
  await append(location, Buffer.alloc(10));
  const remove = () => server.ask({ method: 'DELETE', url: `/api/upload-groups/${id}` });
  expect((await remove()).statusCode).toBe(204);
  expect(await groupOf(id)).toBeUndefined();
  const left = await readdir(path.join(server.folder, 'uploads'));
  expect(left.filter((name) => name.startsWith(path.basename(location)))).toEqual([]);
  expect((await remove()).statusCode).toBe(404);
  const whole = await db().selectFrom('uploadGroup').select('id').where('status', '=', 'reading').executeTakeFirst();
  const refused = await server.ask({ method: 'DELETE', url: `/api/upload-groups/${whole?.id}` });
  expect([refused.statusCode, refused.json().error.code]).toEqual([404, 'upload.group_unknown']);
});

test('a file that waits for its series can be discarded', async () => {
  const location = (
    await tus('POST', '/api/uploads', { 'upload-length': '10', 'upload-metadata': `filename ${base64('label.dcm')}` })
  ).headers.get('location') as string;
  await append(location, Buffer.alloc(10));
  const id = path.basename(location);
  await db().updateTable('upload').set({ status: 'waiting', seriesUid: '1.2' }).where('id', '=', id).execute();
  expect((await tus('DELETE', location, {})).status).toBe(204);
  expect((await readdir(path.join(server.folder, 'uploads'))).filter((name) => name.startsWith(id))).toEqual([]);
  expect((await tus('HEAD', location, {})).status).toBe(404);
});
