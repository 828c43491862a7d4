import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { decodeJpeg, encodeJpeg } from '@stroma/wsi/jpeg';
import { openSlide } from '@stroma/wsi/open-slide';
import { aperioHeader } from '@stroma/wsi/tiff/aperio';
import { levelOfZoom, zoomOfLevel } from '@stroma/wsi/zoom';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { patched, picture, sharedSlides, temporaryFolder, tiffBytes, withSharedSlides } from './wsi-tiff.ts';

// Codecs at work: a busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  file = path.join(folder, 'slide.tif');
  await writeFile(file, await tiffBytes());
});
afterAll(() => rm(folder, { recursive: true }));

/** libvips reads TIFF by libtiff, as OpenSlide does. */
async function byLibvips(source: string, page: number): Promise<Buffer> {
  return await sharp(source, { page }).removeAlpha().toColourspace('srgb').raw().toBuffer();
}

describe('pixels of a slide', () => {
  it('every level equals libvips’ reading of it', async () => {
    const slide = await openSlide(file);
    for (const { level, ifd, width, height } of slide.structure.levels) {
      const region = await slide.region(level, 0, 0, width, height);
      expect(region.equals(await byLibvips(file, ifd))).toBe(true);
    }
    expect(slide.structure).toMatchObject({ mppDeclared: null, mppDerived: { x: 0.5, y: 0.5 } });
    expect(slide.structure.levels.map((level) => level.downsampleX)).toEqual([1, 2, 4]);
    await slide.close();
  });

  it('a region that reaches beyond the slide is white there', async () => {
    const slide = await openSlide(file);
    const region = await slide.region(0, 690, 490, 20, 20);
    expect([...region.subarray(-3)]).toEqual([255, 255, 255]);
    const inner = await slide.region(0, 690, 490, 10, 10);
    expect(region.subarray(0, 30).equals(inner.subarray(0, 30))).toBe(true);
    expect((await slide.region(0, -300, -300, 8, 8)).every((value) => value === 255)).toBe(true);
    await expect(slide.region(0, 0, 0, 1e6, 1e6)).rejects.toThrow('no such place');
    await expect(slide.region(9, 0, 0, 1, 1)).rejects.toThrow('no such place');
    await slide.close();
  });

  it('a tile is a whole JPEG; the fast decoder stays within 8 grey levels of the accurate one', async () => {
    const slide = await openSlide(file);
    const tile = await slide.tile(0, 1, 0);
    const accurate = await sharp(tile).raw().toBuffer();
    const fast = await slide.decodedTile(0, 1, 0);
    expect(largestDifference(accurate, fast)).toBeLessThanOrEqual(8);
    await expect(slide.tile(0, 3, 0)).rejects.toThrow('no such place');
    await slide.close();
  });

  it('RGB inside JPEG gets an Adobe marker with transform 0, YCbCr gets none', async () => {
    const rgb = path.join(folder, 'rgb.tif');
    await writeFile(rgb, patched(await tiffBytes(), 262, { value: 2 }));
    for (const [source, expected] of [
      [rgb, true],
      [file, false],
    ] as const) {
      const slide = await openSlide(source);
      expect((await slide.tile(0, 0, 0)).includes(Buffer.from('Adobe'))).toBe(expected);
      await slide.close();
    }
  });

  it('a tile that the scanner left out is white', async () => {
    const tiff = await tiffBytes();
    const directory = tiff.readUInt32LE(4);
    for (let i = 0; i < tiff.readUInt16LE(directory); i += 1) {
      const at = directory + 2 + 12 * i;
      if (tiff.readUInt16LE(at) !== 325) continue;
      const step = tiff.readUInt16LE(at + 2) === 3 ? 2 : 4;
      tiff.fill(0, tiff.readUInt32LE(at + 8), tiff.readUInt32LE(at + 8) + step);
    }
    const sparse = path.join(folder, 'sparse.tif');
    await writeFile(sparse, tiff);
    const slide = await openSlide(sparse);
    expect((await slide.region(0, 10, 10, 5, 5)).every((value) => value === 255)).toBe(true);
    expect(slide.structure.quirks.join()).toContain('absent');
    await slide.close();
  });
});

describe('JPEG', () => {
  it('comes back nearly as it went', async () => {
    const rgb = picture(256, 256);
    const image = await decodeJpeg(await encodeJpeg(rgb, 256, 256, 95));
    expect(image).toMatchObject({ width: 256, height: 256 });
    expect(largestDifference(image.data, rgb)).toBeLessThan(70);
  });

  it('a stated size is looked at before anything is decoded; a cut-off stream is an error', async () => {
    const jpeg = await encodeJpeg(picture(64, 64), 64, 64);
    const huge = Buffer.from(jpeg);
    const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
    huge.writeUInt32BE(0xffff_ffff, frame + 5);
    await expect(decodeJpeg(huge)).rejects.toMatchObject({ problem: { code: 'jpeg.unreadable' } });
    await expect(decodeJpeg(jpeg.subarray(0, jpeg.length / 2))).rejects.toMatchObject({
      problem: { code: 'jpeg.unreadable' },
    });
  });
});

it('Aperio headers, with a decimal comma too', () => {
  const text = 'Aperio Image Library v11.2.1\n46000x32914 [0,0 1x1] JPEG/RGB Q=30|AppMag = 20|MPP = 0,4990|Title = x';
  expect(aperioHeader(text)).toMatchObject({ objective: 20, mpp: { x: 0.499, y: 0.499 } });
  expect(aperioHeader('Aperio\n|MPP = 900')).toMatchObject({ mpp: null, quirks: [expect.stringContaining('900')] });
  expect(aperioHeader('another scanner')).toBeUndefined();
});

it('zoom index 0 is the coarsest level', () => {
  expect(levelOfZoom(0, 6)).toBe(5);
  expect(zoomOfLevel(0, 6)).toBe(5);
});

describe.skipIf(!withSharedSlides)('the slides of ../shared/data (skipped where they are absent)', () => {
  it.each([
    ['CMU-1-Small-Region.svs', 0, 0],
    ['CMU-1-small.tiff', 1, 1],
  ])('%s level %i equals libvips’ reading', async (name, level, page) => {
    const source = path.join(sharedSlides, name);
    const slide = await openSlide(source);
    const { width, height } = slide.level(level);
    expect((await slide.region(level, 0, 0, width, height)).equals(await byLibvips(source, page))).toBe(true);
    await slide.close();
  });
});
