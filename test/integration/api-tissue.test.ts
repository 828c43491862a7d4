import { createTissueProcess } from '@stroma/api/tissue/tissue-process';
import type { TissueMessage } from '@stroma/core/http/tissue';
import { maskClasses } from '@stroma/core/mask-classes';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { tissueClass, tissueClasses } from '@stroma/wsi/tissue/classes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

const [width, height] = [1500, 1100];
/** Where the tissue lies, in level-0 px. */
const section = { left: 200, top: 180, right: 1300, bottom: 900 };

let server: TestApi;
let slideId: string;
let glassId: string;
let unscaledId: string;
beforeAll(async () => {
  server = await startApi();
  slideId = await storedSlide('tissue.tif', true, 0.5);
  glassId = await storedSlide('glass.tif', false, 0.5);
  unscaledId = await storedSlide('unscaled.tif', true, null);
});
afterAll(() => server.close());

async function storedSlide(name: string, hasTissue: boolean, mpp: number | null): Promise<string> {
  const rgb = Buffer.alloc(width * height * 3, 244);
  for (let y = section.top; hasTissue && y < section.bottom; y += 1) {
    for (let x = section.left; x < section.right; x += 1) {
      rgb.set([200 + ((x * 7 + y * 3) % 30), 110 + ((x ^ y) % 50), 170 + (y % 20)], (y * width + x) * 3);
    }
  }
  const file = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .tiff({ compression: 'jpeg', quality: 90, tile: true, pyramid: true })
    .toBuffer();
  const id = await insertSlide(server.database.db, { name, mpp });
  const row = await server.database.db
    .selectFrom('slide')
    .select('objectKey')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await server.store.put(row.objectKey, file);
  return id;
}

const ask = async (url: string) => {
  const answer = await server.ask(url);
  return { status: answer.statusCode, body: answer.json() };
};
const masksInStore = async () => {
  const keys: string[] = [];
  for await (const key of server.store.list('masks')) keys.push(key);
  return keys;
};

describe('the tissue mask', () => {
  test('is computed once, kept by slide, scale and code, and served as a picture of classes', async () => {
    const { status, body } = await ask(`/api/slides/${slideId}/tissue`);
    expect(status).toBe(200);
    const { shares, maskUrl, ...place } = body as TissueMessage;
    const drawn = ((section.right - section.left) * (section.bottom - section.top)) / (width * height);
    expect(shares.tissue + shares.blurred).toBeCloseTo(drawn, 1);
    expect(Object.values(shares).reduce((a, b) => a + b)).toBeCloseTo(1);
    const kept = await masksInStore();
    expect(kept).toHaveLength(2);
    expect(kept.every((key) => /^masks\/[0-9a-f]{64}\/crop-\d+-0\.500000\.(png|json)$/.test(key))).toBe(true);

    const answer = await server.ask(maskUrl);
    expect(answer.headers['content-type']).toBe('image/png');
    const { data, info } = await sharp(answer.rawPayload).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([place.width, place.height]);
    const at = (x0: number, y0: number) =>
      data[Math.floor(y0 / place.downsampleY) * place.width + Math.floor(x0 / place.downsampleX)];
    expect([at(750, 500), at(100, 100)]).toEqual([tissueClass.tissue, tissueClass.glass]);
    const again = await server.ask({ url: maskUrl, headers: { 'if-none-match': String(answer.headers.etag) } });
    expect(again.statusCode).toBe(304);
  });

  test('is read from the store after that', async () => {
    // What the store says is believed: nothing is computed again.
    const key = (await masksInStore()).find((one) => one.endsWith('.json')) ?? '';
    const before = await server.store.get(key);
    const description = JSON.parse(before.toString());
    await server.store.put(
      key,
      Buffer.from(JSON.stringify({ ...description, place: { ...description.place, unreadableTiles: 77 } })),
    );
    expect((await ask(`/api/slides/${slideId}/tissue`)).body.unreadableTiles).toBe(77);
    await server.store.put(key, before);
  });

  test('of a slide without tissue is a mask of glass', async () => {
    const { status, body } = await ask(`/api/slides/${glassId}/tissue`);
    expect([status, body.shares.glass]).toEqual([200, 1]);
  });

  test('numbers its classes as the portal reads them', () => {
    expect(tissueClasses).toEqual([...maskClasses]);
    expect(maskClasses.map((name) => tissueClass[name])).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('of no slide is refused', async () => {
    const none = await ask('/api/slides/00000000-0000-4000-8000-000000000000/tissue');
    expect([none.status, none.body.error.code]).toEqual([404, 'slide.unknown']);
  });
});

describe('the preview of crops', () => {
  /** Share of each place of the grid that was drawn as tissue. */
  function drawnShares(size: number, stride: number): number[] {
    const shares: number[] = [];
    const overlap = (from: number, least: number, most: number) =>
      Math.max(0, Math.min(from + size, most) - Math.max(from, least)) / size;
    for (let y = 0; y + size <= height; y += stride) {
      for (let x = 0; x + size <= width; x += stride) {
        shares.push(overlap(x, section.left, section.right) * overlap(y, section.top, section.bottom));
      }
    }
    return shares;
  }

  test.each([
    [256, 256],
    [128, 128],
    [256, 64],
    [512, 512],
  ])('counts crops of %d px at a stride of %d px as they were drawn', async (sizePx, stridePx) => {
    const url = `/api/slides/${slideId}/crop-preview?mpp=0.5&sizePx=${sizePx}&stridePx=${stridePx}&minTissueFraction=0.5`;
    const { status, body } = await ask(url);
    expect(status).toBe(200);
    const shares = drawnShares(sizePx, stridePx);
    // The mask's px and its smoothing move the rim by some px.
    const within = (bound: number) => [bound + 0.06, bound - 0.06].map((one) => shares.filter((s) => s >= one).length);
    const [leastCut, mostCut] = within(0.1);
    const [leastKept, mostKept] = within(0.5);
    expect(body.cut).toBeGreaterThanOrEqual(leastCut ?? 0);
    expect(body.cut).toBeLessThanOrEqual(mostCut ?? 0);
    expect(body.kept).toBeGreaterThanOrEqual(leastKept ?? 0);
    expect(body.kept).toBeLessThanOrEqual(mostKept ?? 0);
    expect(body.kept).toBeLessThan(body.cut);
    expect(body.crops.x0).toHaveLength(body.cut);
    expect(body.crops.kept.filter(Boolean)).toHaveLength(body.kept);
    expect(body).toMatchObject({ size0: { x: sizePx, y: sizePx }, stride0: { x: stridePx, y: stridePx } });
  });

  test('of a slide without tissue is none, which is no error', async () => {
    const { status, body } = await ask(`/api/slides/${glassId}/crop-preview?mpp=0.5`);
    expect([status, body.cut, body.kept, body.crops.x0]).toEqual([200, 0, 0, []]);
  });

  test.each([
    ['an unknown scale', () => unscaledId, 'mpp=0.5', 422, 'slide.mpp_unknown'],
    ['detail that the slide does not have', () => slideId, 'mpp=0.1', 422, 'crop_set.too_fine'],
    ['gaps', () => slideId, 'mpp=0.5&sizePx=128&stridePx=256', 400, 'crop_set.stride'],
    ['no mpp', () => slideId, 'sizePx=128', 400, 'request.invalid'],
  ])('of %s is refused in words', async (_, id, query, status, code) => {
    const answer = await ask(`/api/slides/${id()}/crop-preview?${query}`);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });
});

test('a slide that takes too long costs its own mask only', async () => {
  const row = await server.database.db
    .selectFrom('slide')
    .select('objectKey')
    .where('id', '=', slideId)
    .executeTakeFirstOrThrow();
  const request = {
    path: server.store.localPath(row.objectKey),
    name: 'tissue.tif',
    spacing0: { x: 0.5, y: 0.5 },
    mask: undefined,
    crops: undefined,
  };
  const hasty = createTissueProcess({ callMs: 50, memoryBytes: 1e9 });
  await expect(hasty.ask(request)).rejects.toMatchObject({
    problem: { code: 'tissue.process_died', where: 'tissue.tif', found: 'it took more than 0.05 s' },
  });
  hasty.close();
  const small = createTissueProcess({ callMs: 60_000, memoryBytes: 1e6 });
  await expect(small.ask(request)).rejects.toMatchObject({ problem: { code: 'tissue.process_died' } });
  small.close();
  expect((await ask(`/api/slides/${slideId}/tissue`)).status).toBe(200);
});
