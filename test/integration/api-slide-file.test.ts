import { codedSlideName } from '@stroma/core/coded-name';
import { storeIdentifiers } from '@stroma/db/slide-identifiers';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tiffBytes } from '../unit/wsi-tiff.ts';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let original: Buffer;
let id: string;

beforeAll(async () => {
  server = await startApi();
  original = Buffer.concat([await tiffBytes(), Buffer.from('SECRET behind everything')]);
  id = await stored('S12-34567 Mustermann.svs', original);
});
afterAll(() => server.close());

async function stored(name: string, bytes: Buffer): Promise<string> {
  const { db } = server.database;
  const slideId = await insertSlide(db, { name });
  const { objectKey, thumbnailKey } = await db
    .updateTable('slide')
    .set({ bytes: bytes.length })
    .where('id', '=', slideId)
    .returning(['objectKey', 'thumbnailKey'])
    .executeTakeFirstOrThrow();
  const file = { slideId, path: name, objectKey, sha256: objectKey, bytes: bytes.length, role: 'entry' };
  await db.insertInto('slideFile').values(file).execute();
  await server.store.put(objectKey, bytes);
  const white = sharp({ create: { width: 40, height: 30, channels: 3, background: 'white' } });
  await server.store.put(thumbnailKey, await white.jpeg().toBuffer());
  return slideId;
}

const take = (query = '', headers: Record<string, string> = {}, slideId = id) =>
  server.ask({ url: `/api/slides/${slideId}/file${query}`, headers });
const events = async (action: string) =>
  await server.database.db.selectFrom('auditEvent').selectAll().where('action', '=', action).execute();

describe('a slide’s file', () => {
  test('is de-identified unless an admin asks for the original, which is noted', async () => {
    const copy = await take();
    expect(copy.statusCode).toBe(200);
    expect(copy.rawPayload.length).toBe(Number(copy.headers['content-length']));
    expect(copy.rawPayload.includes('SECRET')).toBe(false);
    expect(copy.headers['content-disposition']).toBe(`attachment; filename="${codedSlideName(id)}.tif"`);
    expect(await events('slide.original-taken')).toEqual([]);
    const whole = await take('?deidentified=0');
    expect(whole.rawPayload.equals(original)).toBe(true);
    const noted = await events('slide.original-taken');
    expect(noted).toMatchObject([{ subject: `slide:${id}`, detail: {} }]);
  });

  test('goes on where a download ended, unless the file is another by then', async () => {
    const { rawPayload, headers } = await take();
    const part = await take('', { range: 'bytes=1000-', 'if-range': String(headers.etag) });
    expect(part.statusCode).toBe(206);
    expect(part.rawPayload.equals(rawPayload.subarray(1000))).toBe(true);
    expect(part.headers['content-range']).toBe(`bytes 1000-${rawPayload.length - 1}/${rawPayload.length}`);
    const last = await take('', { range: 'bytes=-10' });
    expect(last.rawPayload.equals(rawPayload.subarray(-10))).toBe(true);
    expect((await take('', { range: 'bytes=1000-', 'if-range': '"another"' })).statusCode).toBe(200);
    const outside = await take('', { range: `bytes=${rawPayload.length}-` });
    expect([outside.statusCode, outside.json().error.code]).toEqual([416, 'request.range']);
  });

  test('of several parts comes as it is in a zip, for an admin', async () => {
    const { db } = server.database;
    const several = await stored('case.mrxs', Buffer.from('a picture'.padEnd(600, '-')));
    const part = {
      slideId: several,
      path: 'case/Slidedat.ini',
      objectKey: `slides/${several}/part`,
      sha256: 'x',
      bytes: 4,
    };
    await db
      .insertInto('slideFile')
      .values({ ...part, role: 'data' })
      .execute();
    await server.store.put(part.objectKey, Buffer.from('SLIDE_NAME = SECRET'));
    expect((await take('', {}, several)).json().error.code).toBe('slide.not_deidentifiable');
    const zip = await take('?deidentified=0', {}, several);
    expect(zip.headers['content-type']).toBe('application/zip');
    expect(['a picture', 'case/Slidedat.ini', 'SECRET'].filter((text) => !zip.rawPayload.includes(text))).toEqual([]);
  });

  test('that cannot be promised to be clean is refused with what to do', async () => {
    const other = await stored('case.czi', Buffer.from('ZISRAWFILE'.padEnd(600, '\0')));
    const answer = await take('', {}, other);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error).toMatchObject({ code: 'slide.not_deidentifiable', found: 'a Zeiss CZI file' });
  });

  test('is for nobody who is not signed in, and the original for admins only', async () => {
    expect((await server.api.inject(`/api/slides/${id}/file`)).statusCode).toBe(401);
    await server.database.db.updateTable('appUser').set({ role: 'member' }).execute();
    server.api.identifier.forget();
    const before = (await events('slide.original-taken')).length;
    const refused = await take('?deidentified=0');
    expect([refused.statusCode, refused.json().error.code]).toEqual([403, 'slide.original']);
    expect((await take('?deidentified=no')).statusCode).toBe(400);
    expect((await take()).statusCode).toBe(200);
    expect((await events('slide.original-taken')).length).toBe(before);
    await server.database.db.updateTable('appUser').set({ role: 'admin' }).execute();
    server.api.identifier.forget();
  });
});

test('what a file holds is told by kind, counted in the list, and filters it', async () => {
  const { db } = server.database;
  const place = { place: 'ImageDescription', occurrences: 1, hint: '4 characters, letters' };
  const found = [
    { kind: 'aperio.user', isImage: false, ...place },
    { kind: 'image.label', isImage: true, ...place },
  ];
  const clean = await insertSlide(db, { name: 'filter clean.svs' });
  const named = await insertSlide(db, { name: 'filter named.svs' });
  await insertSlide(db, { name: 'filter unknown.svs' });
  await db.transaction().execute(async (trx) => {
    await storeIdentifiers(trx, clean, []);
    await storeIdentifiers(trx, named, found);
  });
  const names = async (filter: string) =>
    (await server.ask(`/api/slides?search=filter&identifying=${filter}`))
      .json()
      .slides.map(({ name }: { name: string }) => name);
  expect(await names('found')).toEqual(['filter named.svs']);
  expect(await names('none')).toEqual(['filter clean.svs']);
  expect(await names('unknown')).toEqual(['filter unknown.svs']);
  const detail = (await server.ask(`/api/slides/${named}`)).json();
  expect(detail.identifying).toEqual({ fields: 1, images: 1 });
  expect(detail.identifiers).toMatchObject([
    { kind: 'image.label', isImage: true, onDownload: 'removed' },
    { kind: 'aperio.user', name: 'User', source: expect.stringContaining('Aperio') },
  ]);
  expect((await server.ask(`/api/slides/${clean}`)).json().identifying).toEqual({ fields: 0, images: 0 });
});
