import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { buildApi } from '@stroma/api/app';
import { createOneTimeLink } from '@stroma/api/one-time-link';
import type { SlideDetail } from '@stroma/core/http/slide';
import { sql } from '@stroma/db/client';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSchema } from '../database.ts';
import { IngestWorkbench } from '../integration/ingest-worker.ts';
import { temporaryFolder } from '../unit/wsi-tiff.ts';
import { leaked, type Planted, slidesPython, writeIdentifyingSlides } from './identifying-slides.ts';

type Database = Awaited<ReturnType<typeof withSchema>>;
type Api = Awaited<ReturnType<typeof buildApi>>;

/** Goes nowhere but to signed-in users: lists, the slide's own answer, and the rows these are made of. */
const uploadedName = 'NAMESAKE S12-34567.svs';

let folder: string;
let planted: Planted;
let database: Database;
let bench: IngestWorkbench;
let api: Api;
let cookie: string;
let slideId: string;
let log = '';

async function get(url: string): Promise<{ type: string; body: Buffer }> {
  const answer = await api.inject({ url, headers: { cookie } });
  expect([url, answer.statusCode]).toEqual([url, 200]);
  return { type: String(answer.headers['content-type']), body: answer.rawPayload };
}
const json = async <T>(url: string): Promise<T> => JSON.parse((await get(url)).body.toString());

/** px of the colour that label and macro have. */
async function labelPixels(picture: Buffer): Promise<number> {
  const { data } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let found = 0;
  for (let i = 0; i < data.length; i += 3) {
    if ((data[i] ?? 0) < 100 && (data[i + 1] ?? 0) > 180 && (data[i + 2] ?? 0) < 100) found += 1;
  }
  return found;
}

/** Every row of every table as text. */
async function tables(): Promise<{ table: string; text: string }[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = ${database.schema} and table_type = 'BASE TABLE'`.execute(database.db);
  return await Promise.all(
    rows.map(async ({ name }) => {
      const { rows: all } = await sql<{ text: string | null }>`
        select string_agg(t::text, chr(10)) as text from ${sql.table(name)} t`.execute(database.db);
      return { table: name, text: all[0]?.text ?? '' };
    }),
  );
}

describe.skipIf(!slidesPython)('a slide that names a patient everywhere', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    planted = (await writeIdentifyingSlides(folder))['aperio.svs'] as Planted;
    database = await withSchema();
    bench = await IngestWorkbench.open(database);
    bench.start();
    const stream = new Writable({
      write(line, _encoding, done) {
        log += line;
        done();
      },
    });
    api = await buildApi({
      connection: database.connection,
      store: bench.store,
      uploadsFolder: path.join(folder, 'uploads'),
      secret: 'a secret of at least 32 characters',
      logger: { level: 'trace', stream },
    });
    const answer = await api.inject(await createOneTimeLink(database.connection));
    cookie = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
    await bench.upload('one', path.join(folder, 'aperio.svs'), uploadedName);
    // What is refused is told without its name, too.
    await bench.upload('two', Buffer.from('no slide'), uploadedName);
    await bench.idle();
    const upload = await database.db.selectFrom('upload').selectAll().where('id', '=', 'one').executeTakeFirstOrThrow();
    slideId = upload.slideId ?? '';
    const cut = { method: 'POST' as const, url: '/api/crop-sets', payload: { slideIds: [slideId], mpp: [0.5] } };
    const asked = await api.inject({ ...cut, headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    expect(asked.statusCode).toBe(202);
    await bench.idle();
  });
  afterAll(async () => {
    await api.close();
    await bench.close();
    await database.close();
    await rm(folder, { recursive: true });
  });

  it('is served without label, macro and texts: thumbnail, tiles, crops, lists, the copy', async () => {
    const detail = await json<SlideDetail>(`/api/slides/${slideId}`);
    expect(detail.identifying).toMatchObject({ images: 3 });
    const [cropSet] = detail.cropSets;
    expect(cropSet?.cropCount).toBeGreaterThan(3);
    const crops = `/api/slides/${slideId}/crops?cropSetId=${cropSet?.id}`;
    const { crops: places } = await json<{ crops: { id: string }[] }>(crops);
    const urls = [crops, '/api/slides', '/api/upload-list', `/api/slides/${slideId}`];
    urls.push(`/api/slides/${slideId}/thumbnail`, `/api/slides/${slideId}/file`, '/api/openapi.json');
    urls.push(...places.map(({ id }) => `/api/crops/${id}/image`));
    for (const { zoom, width, height, tileWidth, tileHeight } of detail.levels) {
      for (let column = 0; column * tileWidth < width; column += 1) {
        for (let row = 0; row * tileHeight < height; row += 1) {
          urls.push(`/api/slides/${slideId}/tiles/${zoom}/${column}/${row}`);
        }
      }
    }
    let pictures = 0;
    for (const url of urls) {
      const { type, body } = await get(url);
      expect([url, leaked(body, planted)]).toEqual([url, []]);
      if (type !== 'image/jpeg') continue;
      pictures += 1;
      expect([url, await labelPixels(body)]).toEqual([url, 0]);
    }
    expect(pictures).toBeGreaterThan(20);
  });

  it('leaves nothing in the store but its own file, and its name in no shard', async () => {
    const keys = (await bench.keys('thumbnails', 'crops', 'slides')).filter((key) => !key.startsWith('slides/'));
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) {
      const bytes = await bench.store.get(key);
      expect([key, leaked(bytes, planted), bytes.includes('NAMESAKE')]).toEqual([key, [], false]);
    }
  });

  it('leaves no value in the database, and its name only where users look it up', async () => {
    const all = await tables();
    expect(all.length).toBeGreaterThan(15);
    for (const { table, text } of all) expect([table, leaked(Buffer.from(text), planted)]).toEqual([table, []]);
    const named = all.filter(({ text }) => text.includes('NAMESAKE')).map(({ table }) => table);
    const allowed = ['slide', 'slide_file', 'upload', 'upload_finding', 'run'];
    expect(named.filter((table) => !allowed.includes(table))).toEqual([]);
  });

  it('is named in no log', async () => {
    await get(`/api/slides/${slideId}/file?deidentified=0`);
    for (const text of [log, bench.output]) {
      expect(text.length).toBeGreaterThan(200);
      expect([leaked(Buffer.from(text), planted), text.includes('NAMESAKE')]).toEqual([[], false]);
    }
  });
});

it.skipIf(!slidesPython)('the search for the label’s colour finds it', async () => {
  const green = sharp({ create: { width: 64, height: 64, channels: 3, background: '#00ff00' } });
  expect(await labelPixels(await green.jpeg().toBuffer())).toBe(64 * 64);
});
