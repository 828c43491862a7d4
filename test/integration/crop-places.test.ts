import type { NewCrop } from '@stroma/db/crop-partition';
import { storeCropSet } from '@stroma/db/crop-partition';
import { CropRows } from '@stroma/db/crop-rows';
import { dropCropSet, requestCropSets } from '@stroma/db/crop-sets';
import { cropsInBox } from '@stroma/db/crops-in-box';
import { claim } from '@stroma/db/runs';
import { cropsOf } from '@stroma/db/stored-crops';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let slideId: string;
let cropSetId: number;
/** Not whole, as on a slide whose µm/px is not the crops'; wider than high. */
const sides = { size0X: 100.25, size0Y: 90.5 };
const stride = 50;
const across = 200;
const crops = Array.from({ length: 40_000 }, (_, i) => crop(i)).filter((_, i) => i % 7 !== 0);

function crop(i: number): NewCrop {
  const undecoded = i % 11 === 0;
  return {
    x0: (i % across) * stride,
    y0: Math.floor(i / across) * stride,
    tissueFraction: 0.5 + (i % 100) / 200,
    shardIx: i >> 12,
    byteOffset: 2 ** 33 + i * 20_001,
    byteLength: 20_000 + (i % 3),
    sharpness: undecoded ? Number.NaN : (i % 1000) / 1000,
    pen: undecoded ? Number.NaN : 0.25,
    saturation: undecoded ? Number.NaN : 0.5,
    darkness: undecoded ? Number.NaN : 0.125,
    fold: (i % 5) / 5,
  };
}

async function store(rowsOf: readonly NewCrop[], mpp: number): Promise<number> {
  const { connection, db } = server.database;
  await requestCropSets(db, [slideId], [mpp]);
  const run = await claim(db, ['tile'], 'test', 60);
  if (!run) throw new Error('there is no run');
  const { cropSetId: id } = run.config as { cropSetId: number };
  const rows = await CropRows.begin(connection, id, run.fence);
  for (let from = 0; from < rowsOf.length; from += 300) await rows.add(rowsOf.slice(from, from + 300));
  const set = { id, ...sides, effective: { x: mpp, y: mpp }, sourceLevel: 0, tissueFraction: 1 };
  const lease = { runId: run.id, fence: run.fence };
  await storeCropSet(connection, lease, { ...set, cropCount: rowsOf.length, shards: [] }, rows, {});
  return id;
}

beforeAll(async () => {
  server = await startApi();
  slideId = await insertSlide(server.database.db, { name: 'boxes.svs' });
  cropSetId = await store(crops, 0.5);
});
afterAll(() => server.close());

test('rows arrive as they were handed over, in batches, with nothing for what was not measured', async () => {
  const stored = await server.database.db
    .selectFrom('crop')
    .selectAll()
    .where('cropSetId', '=', cropSetId)
    .orderBy('ix')
    .execute();
  // The columns are float4; one comparison of all, because a comparison a row takes seconds.
  const real = (value: number | null) => (value === null || Number.isNaN(value) ? null : Math.fround(value));
  const numbers = (of: Omit<NewCrop, 'tissueFraction'> | (typeof stored)[number]) =>
    [of.sharpness, of.pen, of.saturation, of.darkness, of.fold].map(real);
  const given = crops.map((each, ix) => {
    const { x0, y0, tissueFraction, shardIx, byteOffset, byteLength } = each;
    return [ix, x0, y0, real(tissueFraction), shardIx, byteOffset, byteLength, ...numbers(each)].join();
  });
  const found = stored.map((each) => {
    const { ix, x0, y0, tissueFraction, shardIx, byteOffset, byteLength } = each;
    return [ix, x0, y0, real(tissueFraction), shardIx, byteOffset, byteLength, ...numbers(each)].join();
  });
  expect(found).toEqual(given);
});

describe('crops in a box', () => {
  const overlapping = (x0: number, y0: number, width0: number, height0: number) =>
    crops
      .map((each, ix) => ({ ix, x0: each.x0, y0: each.y0 }))
      .filter((each) => each.x0 < x0 + width0 && each.x0 + sides.size0X > x0)
      .filter((each) => each.y0 < y0 + height0 && each.y0 + sides.size0Y > y0)
      .sort((a, b) => a.y0 - b.y0 || a.x0 - b.x0)
      .map(({ ix }) => ix);

  async function pages(box: string, limit: number): Promise<{ ix: number[]; pages: number }> {
    const ix: number[] = [];
    let after = '';
    let count = 0;
    do {
      const url = `/api/slides/${slideId}/crops?cropSetId=${cropSetId}&limit=${limit}&${box}`;
      const page = (await server.ask(`${url}${after && `&after=${after}`}`)).json();
      expect(page).toMatchObject({ cropSetId, ...sides });
      expect(page.crops.length).toBeLessThanOrEqual(limit);
      ix.push(...page.crops.map((each: { ix: number }) => each.ix));
      after = page.next ?? '';
      count += 1;
    } while (after);
    return { ix, pages: count };
  }

  test.each([
    ['inside', 1000, 1000, 900, 700],
    ['of one point', 3333, 2222, 0.5, 0.5],
    ['whose edges crops only touch', 1000, 1000, 50, 50],
    ['that begins where a crop ends', 1100.25, 1090.5, 10, 10],
    ['over the edge', -500, -500, 800, 900],
    ['around everything', -1e8, -1e8, 9e8, 9e8],
    ['beside everything', 1e6, 0, 100, 100],
  ])('%s: the same as looking at every crop', async (_, x0, y0, width0, height0) => {
    const expected = overlapping(x0, y0, width0, height0);
    const box = `x0=${x0}&y0=${y0}&width0=${width0}&height0=${height0}`;
    expect((await pages(box, 5000)).ix).toEqual(expected);
  });

  test('random ones, by the function and in small pages', async () => {
    for (let i = 0; i < 40; i += 1) {
      const [x0, y0, width0, height0] = [7, 13, 29, 31].map((k) => ((i * 7919 * k) % 60_000) / 10) as [
        number,
        number,
        number,
        number,
      ];
      const box = { x0, y0, width0: width0 + 1, height0: height0 + 1 };
      const limit = crops.length;
      const selection = i % 2 === 0 ? {} : { maxFold: 0.3 };
      const page = { cropSetId, ...sides, box, limit, selection };
      const { crops: found, next } = await cropsInBox(server.database.db, page);
      const expected = overlapping(x0, y0, box.width0, box.height0);
      const selected = expected.filter((ix) => i % 2 === 0 || (crops[ix]?.fold ?? 1) <= 0.3);
      expect(found.map(({ ix }) => ix)).toEqual(selected);
      expect(next).toBeNull();
    }
    const small = await pages('x0=10&y0=10&width0=700&height0=300', 7);
    expect(small.ix).toEqual(overlapping(10, 10, 700, 300));
    expect(small.pages).toBe(Math.ceil(small.ix.length / 7));
  });

  test('are read from the index by place, a page at a time', async () => {
    const { pool } = server.database.connection;
    const { rows } = await pool.query(`explain select ix from crop where crop_set_id = ${cropSetId}
      and y0 between 1000 and 2000 and x0 between 1000 and 2000 order by y0, x0 limit 100`);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Scan using \w+_y0_x0_idx/);
    expect(plan).not.toMatch(/Sort/);
  });

  test.each([
    ['a part of a box', 'x0=1&y0=1', 'crops.box'],
    ['a box without area', 'x0=1&y0=1&width0=0&height0=5', 'request.invalid'],
    ['a page of everything', 'x0=1&y0=1&width0=1&height0=5&limit=1000000', 'request.invalid'],
    ['a place that is none', 'x0=1&y0=1&width0=1&height0=5&after=1;drop', 'request.invalid'],
  ])('%s is refused', async (_, query, code) => {
    const answer = await server.ask(`/api/slides/${slideId}/crops?cropSetId=${cropSetId}&${query}`);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, code]);
  });
});

test('while a crop set is read, another is dropped, and boxes are answered', async () => {
  const { connection, db } = server.database;
  const id = await store(crops.slice(0, 500), 2);
  const reading = cropsOf(connection, { cropSetId, selection: {} }, 100);
  expect((await reading.next()).value).toHaveLength(100);
  const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'it waits for the reader'));
  expect(await Promise.race([dropCropSet(db, id), late])).toEqual([]);
  const box = { x0: 0, y0: 0, width0: 500, height0: 500 };
  expect((await cropsInBox(db, { cropSetId, ...sides, box, limit: 10 })).crops).toHaveLength(10);
  expect((await reading.next()).value?.[0]?.ix).toBe(100);
  await reading.return(undefined);
});

test('a crop set is dropped with its index, and a failed copy is an error at the next batch', async () => {
  const { connection, db } = server.database;
  const id = await store(crops.slice(0, 500), 1);
  const parts = async () =>
    (
      await connection.pool.query(
        `select 1 from pg_class where relnamespace = current_schema()::regnamespace
           and (relname like 'crop\\_${id}\\_%' or relname = 'crop_${id}')`,
      )
    ).rowCount;
  expect(await parts()).toBe(3);
  await dropCropSet(db, id);
  expect(await parts()).toBe(0);

  const rows = await CropRows.begin(connection, id, 99);
  await db.schema.dropTable(rows.table).execute();
  await expect(
    (async () => {
      for (let i = 0; i < 3; i += 1) await rows.add(crops);
    })(),
  ).rejects.toThrow('does not exist');
  await rows.discard();
});

test('a crop tells its numbers and the crops one stride around it', async () => {
  // Side by side as a slide's crops lie, rounded to whole px; the one at the right of the middle was not cut.
  const grid = Array.from({ length: 16 }, (_, i) => {
    return { ...crop(i), x0: Math.round((i % 4) * sides.size0X), y0: Math.round(Math.floor(i / 4) * sides.size0Y) };
  }).filter((_, i) => i !== 6);
  const id = await store(grid, 0.7);
  const answer = await server.ask(`/api/crops/${id}:5`);
  expect(answer.statusCode).toBe(200);
  const { neighbours, ...detail } = answer.json();
  expect(detail).toMatchObject({ slideId, cropSetId: id, x0: 100, y0: 91, ...sides, pen: 0.25, mpp: 0.7 });
  expect(neighbours.map((one: { id: string; column: number; row: number }) => [one.id, one.column, one.row])).toEqual([
    [`${id}:0`, -1, -1],
    [`${id}:1`, 0, -1],
    [`${id}:2`, 1, -1],
    [`${id}:4`, -1, 0],
    [`${id}:7`, -1, 1],
    [`${id}:8`, 0, 1],
    [`${id}:9`, 1, 1],
  ]);
  expect((await server.ask(`/api/crops/${id}:0`)).json()).toMatchObject({ pen: null, sharpness: null });
});

test('a crop that is not there is refused', async () => {
  const answer = await server.ask(`/api/crops/${cropSetId}:999999`);
  expect(answer.statusCode).toBe(404);
  expect(answer.json().error).toMatchObject({ code: 'crop.unknown' });
});
