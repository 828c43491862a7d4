import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import type { NewCrop } from '@stroma/db/crop-partition';
import { cutSlide } from '@stroma/ingest/cut-slide';
import { Cutters } from '@stroma/ingest/cutter/cutters';
import type { SlideToCut } from '@stroma/ingest/cutter/messages';
import { numberTable, rowsOf } from '@stroma/ingest/number-table';
import { LocalStore } from '@stroma/storage/local-store';
import { cropQuality } from '@stroma/wsi/crop-quality';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import { openSlide } from '@stroma/wsi/open-slide';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { entryAt, temporaryFolder, tiffBytes } from './wsi-tiff.ts';

// Codecs at work: a busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let store: LocalStore;
const cutters = new Cutters(2);
const slideId = '0b0e8f2e-35a5-4d0e-9a6f-2f63e3f0a001';
const toCut = (id: number, mpp: number, stridePx = 256): SlideToCut => ({
  id,
  slideId,
  name: 'TCGA-XX.1.svs',
  spacing0: { x: 0.5, y: 0.5 },
  recipe: cropRecipe(mpp, { sizePx: 256, stridePx }),
});

beforeAll(async () => {
  folder = await temporaryFolder();
  store = new LocalStore(path.join(folder, 'objects'));
});
afterAll(async () => {
  cutters.close();
  await rm(folder, { recursive: true });
});

async function cut(
  name: string,
  tiff: Buffer,
  set: SlideToCut,
  { by = cutters, signal = new AbortController().signal, report = (): void => undefined, shardBytes = 1e9 } = {},
) {
  const file = path.join(folder, name);
  await writeFile(file, tiff);
  const crops: NewCrop[] = [];
  const sink = { add: async (rows: readonly NewCrop[]) => void crops.push(...rows) };
  const slide = { file, folder: `crops/${set.id}`, set, shardBytes };
  const { set: stored, result } = await cutSlide(by, slide, store, sink, signal, report);
  return { set: { ...stored, crops }, result };
}

function meanDifference(a: Buffer, b: Buffer): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}

it('tile → shard → byte offset → JPEG gives the slide’s pixels back', async () => {
  const tiff = await tiffBytes(1400, 1100);
  const { set, result } = await cut('whole.tif', tiff, toCut(1, 0.5));
  expect(result).toMatchObject({ crops: set.crops.length, skippedCrops: 0, unreadableTiles: 0 });
  expect(set.crops.length).toBeGreaterThan(8);
  const slide = await openSlide(path.join(folder, 'whole.tif'));
  const [shard] = set.shards;
  if (!shard) throw new Error('no shard');
  const tar = await readFile(store.localPath(shard.objectKey));
  expect(createHash('sha256').update(tar).digest('hex')).toBe(shard.sha256);
  expect(tar.length).toBe(shard.bytes);
  for (const { x0, y0, byteOffset, byteLength } of set.crops) {
    const jpeg = await store.range(shard.objectKey, byteOffset, byteLength);
    const { data, width, height } = await decodeJpeg(jpeg);
    expect([width, height]).toEqual([256, 256]);
    expect(meanDifference(data, await slide.region(0, x0, y0, 256, 256))).toBeLessThan(3);
    const header = tar.subarray(byteOffset - 512, byteOffset);
    expect(header.toString('latin1', 0, 80).replace(/\0.*$/s, '')).toBe(`${slideId}_${x0}_${y0}.jpg`);
    const next = byteOffset + Math.ceil(byteLength / 512) * 512;
    const json = JSON.parse(tar.toString('utf8', next + 512, tar.indexOf(0, next + 512)));
    expect(json).toMatchObject({
      slide_id: slideId,
      slide_name: 'slide-0b0e8f2e35a5',
      x0,
      y0,
      size0_x: 256,
      size0_y: 256,
      mpp: 0.5,
    });
  }
  await slide.close();
});

it('the same slide and recipe give the same bytes, whatever number of processes cuts them', async () => {
  const tiff = await tiffBytes(6000, 5000);
  const alone = new Cutters(1);
  const first = await cut('again.tif', tiff, toCut(2, 0.8), { by: alone });
  alone.close();
  const second = await cut('again.tif', tiff, toCut(3, 0.8));
  expect([first.result.processes, second.result.processes]).toEqual([1, 2]);
  expect(first.set.shards[0]?.sha256).toBe(second.set.shards[0]?.sha256);
  expect(first.set.crops).toEqual(second.set.crops);
});

it('tiles that are the crops are copied as they are stored; others are cut', async () => {
  const tiff = await tiffBytes(1400, 1100);
  const { set, result } = await cut('copied.tif', tiff, toCut(10, 0.5));
  expect(result).toMatchObject({ copiedCrops: set.crops.length, decodedTiles: 0 });
  const slide = await openSlide(path.join(folder, 'copied.tif'));
  const shard = store.localPath(set.shards[0]?.objectKey ?? '');
  const places = set.crops.map(({ byteOffset, byteLength }) => ({ offset: byteOffset, length: byteLength }));
  // Of the last crop only the header: it cannot be decoded.
  const short = places.map((place, ix) => (ix === places.length - 1 ? { ...place, length: 20 } : place));
  const numbers = rowsOf(await cutters.idlest().measure('a slide', shard, numberTable(['offset', 'length'], short)));
  expect(numbers.pop()).toEqual({ sharpness: 0, pen: Number.NaN, saturation: Number.NaN, darkness: Number.NaN });
  for (const [ix, { x0, y0, shardIx, byteOffset, byteLength, sharpness }] of set.crops.entries()) {
    const jpeg = await store.range(set.shards[shardIx]?.objectKey ?? '', byteOffset, byteLength);
    expect(jpeg.equals(await slide.tile(0, x0 / 256, y0 / 256))).toBe(true);
    expect(sharpness).toBeNaN();
    const measured = cropQuality((await decodeJpeg(jpeg)).data, 256, 256);
    if (ix < numbers.length) expect(numbers[ix]).toEqual(measured);
  }
  await slide.close();
  // A label within 1 % of what the tiles are is theirs; what was cut in truth is kept beside it.
  const nearly = await cut('copied.tif', tiff, toCut(12, 0.501));
  expect(nearly.result).toMatchObject({ copiedCrops: set.crops.length });
  expect(nearly.set.effective).toEqual({ x: 0.5, y: 0.5 });
  const overlapping = await cut('copied.tif', tiff, toCut(11, 0.5, 255));
  expect(overlapping.result).toMatchObject({ copiedCrops: 0 });
  expect(overlapping.set.crops.every(({ sharpness }) => sharpness > 0)).toBe(true);
});

it.each([
  ['copied', 256, 1],
  ['cut', 255, 4],
])(
  'a tile that cannot be read costs its own crops only, and its place is told, where crops are %s',
  async (how, stridePx, lost) => {
    const tiff = await tiffBytes(1400, 1100);
    const whole = await cut(`before-${how}.tif`, tiff, toCut(4, 0.5, stridePx));
    const offsets = tiff.readUInt32LE(entryAt(tiff, 324) + 8);
    // libvips makes tiles of 256 px: six a row. The third tile of the third row lies in the middle.
    const tile = tiff.readUInt32LE(offsets + 4 * (2 * 6 + 2));
    tiff.fill(0, tile + 2, tile + 200);
    const { result, set } = await cut(`after-${how}.tif`, tiff, toCut(5, 0.5, stridePx));
    expect(result).toMatchObject({
      unreadableTiles: 1,
      skippedCrops: lost,
      unreadablePlaces: [{ x0: 512, y0: 512, width0: 256, height0: 256 }],
    });
    expect(set.crops.length).toBe(whole.set.crops.length - lost);
  },
);

it('a tile that ends early is no crop, though nothing is decoded', async () => {
  const tiff = await tiffBytes(1400, 1100);
  const lengths = tiff.readUInt32LE(entryAt(tiff, 325) + 8);
  const short = Buffer.from(tiff);
  short.writeUInt32LE(short.readUInt32LE(lengths + 4 * (2 * 6 + 2)) - 40, lengths + 4 * (2 * 6 + 2));
  const { result } = await cut('short.tif', short, toCut(12, 0.5));
  expect(result).toMatchObject({ skippedCrops: 1, unreadableTiles: 1 });
});

it('a slide that cannot be cut is refused in words, and the next one is cut', async () => {
  const tiff = await tiffBytes(1400, 1100);
  await expect(cut('fine.tif', tiff, toCut(8, 0.2))).rejects.toMatchObject({ problem: { code: 'crop_set.too_fine' } });
  await expect(cut('text.tif', Buffer.from('no slide'), toCut(8, 0.5))).rejects.toMatchObject({
    problem: { code: expect.stringMatching(/^slide\./) },
  });
  expect((await cut('fine.tif', tiff, toCut(8, 0.5))).result.crops).toBeGreaterThan(8);
});

it('shards end at whole blocks of crops, and say where each crop lies', async () => {
  const { set } = await cut('shards.tif', await tiffBytes(6000, 5000), toCut(9, 0.5), { shardBytes: 100_000 });
  expect(set.shards.length).toBeGreaterThan(2);
  expect(set.shards.reduce((sum, shard) => sum + shard.cropCount, 0)).toBe(set.crops.length);
  for (const { shardIx, byteOffset, byteLength } of set.crops.filter((_, i) => i % 17 === 0)) {
    const jpeg = await store.range(set.shards[shardIx]?.objectKey ?? '', byteOffset, byteLength);
    expect([jpeg[0], jpeg[1], jpeg.at(-2), jpeg.at(-1)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  }
});

it('a slide without tissue gives no crop and no shard', async () => {
  const { set, result } = await cut(
    'glass.tif',
    await tiffBytes(800, 800, Buffer.alloc(800 * 800 * 3, 244)),
    toCut(6, 0.5),
  );
  expect(result.crops).toBe(0);
  expect(set).toMatchObject({ crops: [], shards: [], tissueFraction: 0 });
});

it('what is stopped in the middle leaves nothing unfinished in the store', async () => {
  const stop = new AbortController();
  const options = { signal: stop.signal, report: () => stop.abort(new Error('stopped')) };
  await expect(cut('stopped.tif', await tiffBytes(1400, 1100), toCut(7, 0.8), options)).rejects.toThrow('stopped');
  const left = [];
  for await (const key of store.list('crops/7')) left.push(key);
  expect(left).toEqual([]);
});
