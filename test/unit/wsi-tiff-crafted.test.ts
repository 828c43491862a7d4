import { open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { asProblem, StromaError } from '@stroma/core/errors';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { openTiffSlide } from '@stroma/wsi/tiff/tiff-slide';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { picture, refusalOfBytes, temporaryFolder } from './wsi-tiff.ts';
import { type Field, imageFields, oneTileTiff, tiffHead } from './wsi-tiff-writer.ts';

// Codecs at work: a busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const side = 256;
const compressions = { none: 1, jpeg: 7, deflate: 8, webp: 50_001 };

async function slideOf(bytes: Buffer) {
  const file = path.join(folder, 'slide.tif');
  await writeFile(file, bytes);
  return await openTiffSlide(file);
}

async function tiffOf(options: Parameters<ReturnType<typeof sharp>['tiff']>[0]): Promise<Buffer> {
  return await sharp(picture(300, 280), { raw: { width: 300, height: 280, channels: 3 } })
    .tiff(options)
    .toBuffer();
}

describe('an image in strips', () => {
  it('of 3.6 GB in a single one without compression is read piece by piece', async () => {
    const [width, height] = [40_000, 30_000];
    const strip = width * height * 3;
    const fields = imageFields(width, height, compressions.none, [
      [273, 4096],
      [278, height],
      [279, strip],
    ]);
    const file = path.join(folder, 'one-strip.tif');
    const handle = await open(file, 'w');
    await handle.write(tiffHead(fields), 0, undefined, 0);
    const place = 4096 + (20_000 * width + 30_000) * 3;
    await handle.write(Buffer.from([10, 20, 30]), 0, 3, place);
    await handle.truncate(4096 + strip);
    await handle.close();
    const before = process.memoryUsage().rss;
    const slide = await openTiffSlide(file);
    expect([...(await slide.region(0, 30_000, 20_000, 2, 1))]).toEqual([10, 20, 30, 0, 0, 0]);
    expect(slide.structure.levels[0]).toMatchObject({ tileWidth: 256, tileHeight: 256, compression: 'none' });
    await slide.close();
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it.each([
    ['JPEG', compressions.jpeg],
    ['Deflate', compressions.deflate],
  ])('of 400 million px in a single one of %s is refused before anything is decoded', async (_, compression) => {
    const fields = imageFields(20_000, 20_000, compression, [
      [273, 8],
      [278, 20_000],
      [279, 100],
    ]);
    const problem = await refusalOfBytes(folder, Buffer.concat([tiffHead(fields), Buffer.alloc(100)]));
    expect(problem).toMatchObject({ code: 'slide.strip_size', found: 'strips of 20000 × 20000 px' });
    expect(problem.remedy).toBeTruthy();
  });
});

describe('a crafted tile', () => {
  it('that inflates to 400 MB takes no memory for it', async () => {
    const bomb = deflateSync(Buffer.alloc(400e6), { level: 1 });
    const before = process.memoryUsage().rss;
    const slide = await slideOf(oneTileTiff(4096, compressions.deflate, bomb));
    expect((await slide.region(0, 0, 0, 9, 9)).length).toBe(9 * 9 * 3);
    await slide.close();
    expect(process.memoryUsage().rss - before).toBeLessThan(250e6);
  });

  it('of another kind than it claims is not given to whatever would read it', async () => {
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"/>`);
    const png = await sharp(picture(side, side), { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer();
    for (const bytes of [svg, png]) {
      const problem = await refusalOfBytes(folder, oneTileTiff(side, compressions.webp, bytes));
      expect(problem).toMatchObject({ code: 'slide.unreadable', found: 'other bytes' });
    }
  });

  it('of JPEG with thousands of scans is not decoded', async () => {
    const jpeg = await sharp(picture(side, side), { raw: { width: side, height: side, channels: 3 } })
      .jpeg({ progressive: true })
      .toBuffer();
    const scan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
    const scans = Array.from({ length: 5000 }, () => jpeg.subarray(scan, scan + 40));
    const bomb = Buffer.concat([jpeg.subarray(0, -2), ...scans, jpeg.subarray(-2)]);
    const good = await slideOf(oneTileTiff(side, compressions.jpeg, jpeg, [[262, 6, 16]]));
    await good.close();
    const problem = await refusalOfBytes(folder, oneTileTiff(side, compressions.jpeg, bomb, [[262, 6, 16]]));
    expect(problem).toMatchObject({ code: 'slide.unreadable', found: expect.stringContaining('scans') });
  });

  it('that is damaged is an error that says where; the others are read', async () => {
    const tiff = await tiffOf({ compression: 'deflate', tile: true, tileWidth: 128, tileHeight: 128 });
    const good = await slideOf(tiff);
    const tile = await good.decodedTile(0, 0, 0);
    await good.close();
    // The first tile's bytes follow the header.
    tiff.fill(0xaa, 10, 200);
    const slide = await slideOf(tiff);
    const problem = await slide.decodedTile(0, 0, 0).then(undefined, asProblem);
    expect(problem).toMatchObject({ code: 'slide.tile_damaged', where: 'level 0, column 0, row 0' });
    expect((await slide.decodedTile(0, 1, 1)).length).toBe(tile.length);
    await expect(slide.region(0, 0, 0, 20, 20)).rejects.toMatchObject({ problem: { code: 'slide.tile_damaged' } });
    await slide.close();
  });
});

it.each<[string, number, Field]>([
  ['colour channels stored apart, as JPEG', compressions.jpeg, [284, 2, 16]],
  ['16, 16, 16 bits', compressions.none, [258, [16, 16, 16], 16]],
  ['values that are not whole numbers from 0 to 255', compressions.none, [339, [2, 2, 2], 16]],
  ['bits from right to left (FillOrder 2)', compressions.none, [266, 2, 16]],
  ['YCbCr that is not JPEG', compressions.none, [262, 6, 16]],
  ['predictor 3', compressions.deflate, [317, 3, 16]],
  ['5 colour channels for rgb', compressions.none, [277, 5, 16]],
  ['colours that are neither RGB, YCbCr, grey nor a palette', compressions.none, [262, 8, 16]],
])('refused in words: %s', async (found, compression, field) => {
  const bytes = oneTileTiff(side, compression, Buffer.alloc(100), [field]);
  expect(await refusalOfBytes(folder, bytes)).toMatchObject({ code: 'slide.colour', found });
});

it('a picture of the label alone is no slide', async () => {
  const bytes = oneTileTiff(side, compressions.none, Buffer.alloc(side * side * 3), [[270, 'label 100x100']]);
  expect(await refusalOfBytes(folder, bytes)).toMatchObject({ code: 'slide.no_image' });
});

it('tiles at places that are no whole numbers, or larger than any can be, are refused', async () => {
  const tiff = oneTileTiff(side, compressions.none, Buffer.alloc(side * side * 3));
  const large = Buffer.concat([tiff, Buffer.alloc(2e6)]);
  const entry = large.indexOf(Buffer.from([325 & 255, 325 >> 8, 4, 0]));
  large.writeUInt32LE(1.9e6, entry + 8);
  expect(await refusalOfBytes(folder, large)).toMatchObject({ code: 'slide.damaged' });
  const floating = Buffer.from(tiff);
  const offsets = floating.indexOf(Buffer.from([324 & 255, 324 >> 8, 4, 0]));
  floating.writeUInt16LE(11, offsets + 2);
  floating.writeFloatLE(-12.5, offsets + 8);
  expect(await refusalOfBytes(folder, floating)).toMatchObject({ code: 'slide.damaged' });
});

it('changed bytes end in pixels or in a typed error, never in anything else', async () => {
  const files = await Promise.all([
    tiffOf({ compression: 'lzw', predictor: 'horizontal', tile: true, tileWidth: 128, tileHeight: 128, pyramid: true }),
    tiffOf({ compression: 'deflate' }),
    tiffOf({ compression: 'jpeg', tile: true, tileWidth: 128, tileHeight: 128, pyramid: true, bigtiff: true }),
  ]);
  const random = seededRandom(5);
  let refused = 0;
  for (let i = 0; i < 90; i += 1) {
    const bytes = Buffer.from(files[i % files.length] ?? Buffer.alloc(0));
    const big = bytes[2] === 43;
    const directory = big ? Number(bytes.readBigUInt64LE(8)) : bytes.readUInt32LE(4);
    for (let change = 0; change < 3; change += 1) {
      const at = random() < 0.8 ? directory + Math.floor(random() * 250) : Math.floor(random() * bytes.length);
      if (at < bytes.length) bytes[at] = Math.floor(random() * 256);
    }
    try {
      const slide = await slideOf(bytes);
      try {
        for (const { level } of slide.structure.levels) await slide.region(level, -5, -5, 150, 150);
      } finally {
        await slide.close();
      }
    } catch (error) {
      expect(error, `mutation ${i}`).toBeInstanceOf(StromaError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(20);
  expect(refused).toBeLessThan(90);
});
