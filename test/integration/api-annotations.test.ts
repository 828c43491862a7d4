import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { mostVertices } from '@stroma/core/annotation/geometry';
import type { AnnotationImportReport, AnnotationList, AnnotationMessage } from '@stroma/core/http/annotation';
import { createToken } from '@stroma/db/accounts';
import { slidesOfSeries } from '@stroma/db/series';
import type { InjectOptions } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let db: TestApi['database']['db'];
let slideId: string;
let member: Record<string, string>;
beforeAll(async () => {
  server = await startApi();
  db = server.database.db;
  member = { authorization: `Bearer ${await memberToken('Robin')}` };
});
afterAll(() => server.close());
beforeEach(async () => {
  slideId = await insertSlide(db, { name: 'drawn-on.svs' });
});

async function memberToken(name: string): Promise<string> {
  const id = randomUUID();
  await db
    .insertInto('appUser')
    .values({ id, name, email: `${id}@example.org`, role: 'member' })
    .execute();
  const token = `strm_${randomUUID().replaceAll('-', '')}`;
  await createToken(db, { userId: id, name: 'test', tokenSha256: createHash('sha256').update(token).digest('hex') });
  return token;
}

const box = (x0: number, y0: number, width0: number, height0: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [x0, y0],
      [x0 + width0, y0],
      [x0 + width0, y0 + height0],
      [x0, y0 + height0],
      [x0, y0],
    ],
  ],
});
const url = (rest = '') => `/api/slides/${slideId}/annotations${rest}`;
const send = (method: 'POST' | 'PATCH', rest: string, payload: object | string, headers?: Record<string, string>) =>
  server.ask({ method, url: url(rest), payload, headers: headers ?? {} } as InjectOptions);
const asMember = (options: InjectOptions) =>
  server.api.inject({ ...options, headers: { ...member, ...options.headers } });
const draw = async (payload: object): Promise<AnnotationMessage> => (await send('POST', '', payload)).json();
const list = async (query = ''): Promise<AnnotationList> => (await server.ask(url(query))).json();
const actions = async () => {
  const { rows } = await sql<{ action: string }>`select action from audit_event
    where subject = ${`slide:${slideId}`} order by id`.execute(db);
  return rows.map(({ action }) => action);
};

test('an annotation is drawn, listed, changed, deleted and brought back, each of it audited', async () => {
  const answer = await send('POST', '', {
    geometry: box(10, 20, 100, 50),
    name: 'Gland 1',
    classification: { name: 'Tumour', colour: '#c80000' },
  });
  expect(answer.statusCode).toBe(201);
  const made: AnnotationMessage = answer.json();
  expect(made).toMatchObject({ kind: 'rectangle', version: 1, colour: null, isLocked: false, mayChange: true });
  expect(made).toMatchObject({ author: 'Local admin', name: 'Gland 1', geometry: box(10, 20, 100, 50) });
  expect(await list()).toEqual({ annotations: [made], total: 1, next: null });

  const changed = await send('PATCH', `/${made.id}`, {
    version: 1,
    name: null,
    colour: '#00ff00',
    geometry: { type: 'Point', coordinates: [3, 4] },
  });
  expect(changed.json()).toMatchObject({ kind: 'point', version: 2, name: null, colour: '#00ff00' });
  expect(changed.json().classification).toEqual(made.classification);

  const gone = await server.ask({ method: 'DELETE', url: url(`/${made.id}?version=2`) });
  expect([gone.statusCode, gone.json().version]).toEqual([200, 3]);
  expect(await list()).toEqual({ annotations: [], total: 0, next: null });
  expect((await send('PATCH', `/${made.id}`, { version: 3, name: 'x' })).statusCode).toBe(404);
  const back = await send('POST', `/${made.id}/restore`, { version: 3 });
  expect([back.statusCode, back.json().version]).toEqual([200, 4]);
  expect((await list()).total).toBe(1);
  const done = ['created', 'changed', 'deleted', 'restored'].map((word) => `annotation.${word}`);
  expect(await actions()).toEqual(done);
});

test('a deleted one is forgotten after a day, when another is deleted', async () => {
  const [old, other] = [await draw({ geometry: box(0, 0, 9, 9) }), await draw({ geometry: box(0, 0, 9, 9) })];
  await server.ask({ method: 'DELETE', url: url(`/${old.id}?version=1`) });
  await sql`update annotation set deleted_at = now() - interval '25 hours' where id = ${old.id}`.execute(db);
  await server.ask({ method: 'DELETE', url: url(`/${other.id}?version=1`) });
  const left = await db.selectFrom('annotation').select('id').where('slideId', '=', slideId).execute();
  expect(left).toEqual([{ id: other.id }]);
});

test('whoever knows an older version changes nothing, also when both come at once', async () => {
  const made = await draw({ geometry: box(0, 0, 10, 10) });
  const both = await Promise.all(['a', 'b'].map((name) => send('PATCH', `/${made.id}`, { version: 1, name })));
  expect(both.map((answer) => answer.statusCode).sort()).toEqual([200, 409]);
  const refused = both.find((answer) => answer.statusCode === 409);
  expect(refused?.json().error).toMatchObject({ code: 'annotation.version', expected: 'version 2' });
  const gone = await server.ask({ method: 'DELETE', url: url(`/${made.id}?version=1`) });
  expect([gone.statusCode, (await list()).total]).toEqual([409, 1]);
  expect((await send('POST', '', { id: made.id, geometry: box(0, 0, 5, 5) })).json().error.code).toBe('annotation.id');
});

test('everyone sees all; only the author and admins change', async () => {
  const admins = await draw({ geometry: box(0, 0, 10, 10) });
  const own = await asMember({ method: 'POST', url: url(), payload: { geometry: box(1, 1, 5, 5) } });
  expect(own.statusCode).toBe(201);
  const seen: AnnotationList = (await asMember({ url: url() })).json();
  expect(seen.annotations.map(({ author, mayChange }) => [author, mayChange])).toEqual([
    ['Local admin', false],
    ['Robin', true],
  ]);
  for (const [method, rest] of [
    ['PATCH', `/${admins.id}`],
    ['DELETE', `/${admins.id}?version=1`],
  ] as const) {
    const payload = method === 'PATCH' ? { version: 1, name: 'mine' } : undefined;
    const answer = await asMember({ method, url: url(rest), ...(payload ? { payload } : {}) });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'annotation.author']);
  }
  expect((await send('PATCH', `/${own.json().id}`, { version: 1, name: 'checked' })).statusCode).toBe(200);
});

test('a locked one is neither moved nor deleted until it is unlocked', async () => {
  const { id } = await draw({ geometry: box(0, 0, 10, 10), isLocked: true });
  const moved = await send('PATCH', `/${id}`, { version: 1, geometry: box(5, 5, 10, 10) });
  const gone = await server.ask({ method: 'DELETE', url: url(`/${id}?version=1`) });
  expect([moved.json().error.code, gone.json().error.code]).toEqual(['annotation.locked', 'annotation.locked']);
  expect((await send('PATCH', `/${id}`, { version: 1, name: 'still named' })).json().version).toBe(2);
  const both = await send('PATCH', `/${id}`, { version: 2, isLocked: false, geometry: box(5, 5, 10, 10) });
  expect(both.statusCode).toBe(200);
});

test('the list by box, in pages that end early where outlines are long', async () => {
  const names = [];
  for (const x0 of [0, 100, 200, 300]) names.push((await draw({ geometry: box(x0, 50, 40, 40), name: `${x0}` })).name);
  const inBox = await list('?x0=139&y0=0&width0=62&height0=50');
  expect(inBox.annotations.map(({ name }) => name)).toEqual(['100', '200']);
  expect(inBox.total).toBe(4);
  const first = await list('?limit=3');
  const second = await list(`?limit=3&after=${first.next}`);
  expect([...first.annotations, ...second.annotations].map(({ name }) => name)).toEqual(names);
  expect(second.next).toBeNull();

  await sql`update annotation set vertex_count = 20000`.execute(db);
  const { rows } = await sql<{ count: number }>`select count(*) from annotation where slide_id = ${slideId}`.execute(
    db,
  );
  expect(rows[0]?.count).toBe(4);
  await sql`alter table annotation drop constraint annotation_vertex_count_check`.execute(db);
  await sql`update annotation set vertex_count = 150000 where slide_id = ${slideId}`.execute(db);
  const early = await list();
  expect(early.annotations.map(({ name }) => name)).toEqual(['0']);
  expect((await list(`?after=${early.next}`)).annotations.map(({ name }) => name)).toEqual(['100']);
  expect((await list('?x0=1')).annotations).toBeUndefined();
});

test.each([
  ['outside the slide', { geometry: { type: 'Point', coordinates: [5000, 1] } }, 422, 'annotation.outside'],
  ['not a number', { geometry: { type: 'Point', coordinates: ['NaN', 1] } }, 422, 'annotation.coordinates'],
  ['infinite', '{"geometry": {"type": "Point", "coordinates": [1e999, 1]}}', 422, 'annotation.coordinates'],
  ['NaN itself', '{"geometry": {"type": "Point", "coordinates": [NaN, 1]}}', 400, 'request.refused'],
  ['a line', { geometry: { type: 'LineString', coordinates: [[1, 1], [2, 2]] } }, 422, 'annotation.type'], // biome-ignore format: one row
  ['no geometry', { name: 'nowhere' }, 400, 'request.invalid'],
  ['not a colour', { geometry: box(0, 0, 9, 9), colour: 'red' }, 400, 'request.invalid'],
  ['a name over two lines', { geometry: box(0, 0, 9, 9), name: 'a\nb' }, 400, 'request.invalid'],
  ['a long name', { geometry: box(0, 0, 9, 9), name: 'x'.repeat(201) }, 400, 'request.invalid'],
  ['huge', { geometry: { type: 'MultiPoint', coordinates: Array.from({ length: mostVertices + 1 }, () => [1, 2]) } }, 422, 'annotation.vertices'], // biome-ignore format: one row
  ['far too large', { geometry: { type: 'MultiPoint', coordinates: [] }, name: 'x'.repeat(2_000_000) }, 413, 'request.refused'], // biome-ignore format: one row
])('%s is refused, and nothing is saved', async (_, payload, status, code) => {
  const answer = await send('POST', '', payload, { 'content-type': 'application/json' });
  expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  expect((await list()).total).toBe(0);
});

test('a slide that is not there has no annotations', async () => {
  for (const method of ['GET', 'POST'] as const) {
    const payload = method === 'POST' ? { payload: { geometry: box(0, 0, 9, 9) } } : {};
    const answer = await server.ask({ method, url: `/api/slides/${randomUUID()}/annotations`, ...payload });
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'slide.unknown']);
  }
});

test('a slide with annotations is in use: a fuller one of its series does not take its place', async () => {
  await sql`update slide set series_uid = '1.2.3.4' where id = ${slideId}`.execute(db);
  expect((await slidesOfSeries(db, '1.2.3.4')).map(({ inUse }) => inUse)).toEqual([false]);
  await draw({ geometry: box(0, 0, 9, 9) });
  expect((await slidesOfSeries(db, '1.2.3.4')).map(({ inUse }) => inUse)).toEqual([true]);
});

const feature = (geometry: object, properties: object = {}, id?: string) => ({
  type: 'Feature',
  ...(id ? { id } : {}),
  geometry,
  properties: { objectType: 'annotation', ...properties },
});
const take = async (file: object | string | Buffer, query = ''): Promise<AnnotationImportReport> => {
  const payload = typeof file === 'string' || Buffer.isBuffer(file) ? file : JSON.stringify(file);
  const answer = await send('POST', `/import${query}`, payload, { 'content-type': 'application/geo+json' });
  return answer.json();
};

test('a file is reported on first; what fits is taken, the rest is named with its place in the file', async () => {
  const id = randomUUID();
  const file = {
    type: 'FeatureCollection',
    features: [
      feature(box(0, 0, 50, 50), { name: 'one', classification: { name: 'Tumor', color: [200, 0, 0] } }, id),
      feature({ type: 'LineString', coordinates: [[1, 1], [2, 2]] }, { name: 'a line' }), // biome-ignore format: one row
      feature(box(900, 500, 500, 50)),
      feature({ type: 'Point', coordinates: [5, 6] }, { measurements: { a: 1 } }),
      feature(box(0, 0, 9, 9), {}, id),
    ],
  };
  const dry = await take(file, '?dryRun=1');
  expect(dry).toMatchObject({ dryRun: true, features: 5, added: 2, replaced: 0, kept: 0, refused: 3 });
  expect(dry.refusals.map(({ index, name, problem }) => [index, name, problem.code])).toEqual([
    [1, 'a line', 'annotation.type'],
    [2, null, 'annotation.outside'],
    [4, null, 'annotation.twice'],
  ]);
  expect(dry.refusals[1]?.problem.where).toBe('feature 2, geometry.coordinates[0][1]');
  expect(dry.leftOut).toEqual([{ what: 'measurements', features: 1 }]);
  expect((await list()).total).toBe(0);

  expect(await take(gzipSync(JSON.stringify(file)))).toEqual({ ...dry, dryRun: false });
  expect((await list()).annotations.map(({ name, kind }) => [name, kind])).toEqual([
    ['one', 'rectangle'],
    [null, 'point'],
  ]);
  expect(await actions()).toEqual(['annotation.imported']);

  const again = { ...file, features: [feature(box(7, 7, 20, 20), { name: 'moved' }, id)] };
  expect(await take(again)).toMatchObject({ added: 0, kept: 1, replaced: 0 });
  expect(await take(again, '?same=replace')).toMatchObject({ added: 0, kept: 0, replaced: 1 });
  const [moved] = (await list()).annotations;
  expect(moved).toMatchObject({ id, name: 'moved', version: 2, author: 'Local admin', classification: null });

  const theirs = await asMember({
    method: 'POST',
    url: url('/import?same=replace'),
    payload: JSON.stringify(again),
    headers: { 'content-type': 'application/geo+json' },
  });
  expect(theirs.json()).toMatchObject({
    replaced: 0,
    refused: 1,
    refusals: [{ problem: { code: 'annotation.author' } }],
  });
});

test.each([
  ['no JSON', '{"type": "FeatureCollection", "features": [', 'geojson.invalid'],
  ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'geojson.invalid'],
  ['a damaged gzip', gzipSync('{"type":"Feature"}').subarray(0, 20), 'geojson.gzip'],
  ['deep nesting', `[${'{"a":'.repeat(100)}`, 'geojson.deep'],
  ['a bomb', gzipSync(`[${'      '.repeat(2_000_000)}]`), 'geojson.large'],
])('%s is refused as a whole', async (_, file, code) => {
  expect((await take(file)) as unknown).toMatchObject({ error: { code } });
  expect((await list()).total).toBe(0);
});

test('a feature with NaN is refused alone', async () => {
  const text = `[${JSON.stringify(feature(box(0, 0, 9, 9)))}, {"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,1]}}]`;
  const report = await take(text);
  expect(report).toMatchObject({
    added: 1,
    refused: 1,
    refusals: [{ index: 1, problem: { code: 'annotation.json' } }],
  });
});

test('what is exported comes back as it was, page after page', async () => {
  const features = Array.from({ length: 1203 }, (_, i) =>
    feature(box(i % 900, i % 500, 20, 10.25), { name: `n ${i}`, isLocked: i === 7 }, randomUUID()),
  );
  expect(await take({ type: 'FeatureCollection', features })).toMatchObject({ added: 1203 });
  const answer = await server.ask(url('.geojson'));
  expect(answer.headers['content-type']).toContain('application/geo+json');
  expect(answer.headers['content-disposition']).toMatch(/attachment; filename=".+-annotations\.geojson"/);
  expect(answer.json().type).toBe('FeatureCollection');
  expect(answer.json().features).toHaveLength(1203);
  expect(answer.json().features[7]).toEqual({
    ...features[7],
    properties: { objectType: 'annotation', name: 'n 7', isLocked: true },
  });
  expect(await take(answer.body)).toMatchObject({ kept: 1203, added: 0, refused: 0 });
  expect(await actions()).toEqual(['annotation.imported', 'annotation.exported']);
});
