import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { openSlide } from '@stroma/wsi/open-slide';
import { overview, thumbnail } from '@stroma/wsi/overview';
import { findTissue } from '@stroma/wsi/tissue-mask';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { picture, sharedSlides, temporaryFolder, withSharedSlides } from './wsi-tiff.ts';

// Codecs at work: a busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

async function slideOf(rgb: Buffer, width: number, height: number, pyramid = true): Promise<string> {
  const file = path.join(folder, `${rgb.length}-${rgb[3 * 1000]}-${pyramid}.tif`);
  await sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .tiff({ compression: 'jpeg', tile: true, pyramid, xres: 2000, yres: 2000, resolutionUnit: 'cm' })
    .toFile(file);
  return file;
}

describe('tissue', () => {
  it('is none on white, grey glass, black and pen ink', async () => {
    const colours = [
      [255, 255, 255],
      [228, 228, 231],
      [8, 8, 8],
      [20, 70, 160],
      [30, 130, 60],
    ];
    for (const colour of colours) {
      const rgb = Buffer.alloc(512 * 512 * 3, Buffer.from(colour));
      const slide = await openSlide(await slideOf(rgb, 512, 512));
      expect((await findTissue(slide, 0.5)).fraction).toBe(0);
      await slide.close();
    }
  });

  it('is found where it is, whether or not the slide has a pyramid', async () => {
    const rgb = picture(1500, 1200);
    for (const pyramid of [true, false]) {
      const slide = await openSlide(await slideOf(rgb, 1500, 1200, pyramid));
      const tissue = await findTissue(slide, 0.5);
      // An ellipse of which 0.7 of π/4 is filled.
      expect(tissue.fraction).toBeGreaterThan(0.52);
      expect(tissue.fraction).toBeLessThan(0.58);
      expect(tissue.sharesOf(622, 472, 256, 256)).toEqual({ tissueFraction: 1, fold: 0 });
      expect(tissue.sharesOf(0, 0, 128, 128)).toEqual({ tissueFraction: 0, fold: 0 });
      await slide.close();
    }
  });

  it('is where the generator drew it, and the same seed draws the same bytes', async () => {
    const [first] = await generateCohort(path.join(folder, 'a'), { slides: 1, seed: 3 });
    const [again] = await generateCohort(path.join(folder, 'b'), { slides: 1, seed: 3 });
    if (!first || !again) throw new Error('no slide');
    const bytes = await Promise.all([first, again].map(({ file }) => sharp(file).raw().toBuffer()));
    expect(bytes[0]?.equals(bytes[1] ?? Buffer.alloc(0))).toBe(true);
    const slide = await openSlide(first.file);
    const { fraction } = await findTissue(slide, 0.5);
    // 0.44 of the slide is tissue, and the glands' lumens are glass.
    expect(fraction).toBeGreaterThan(0.3);
    expect(fraction).toBeLessThan(0.44);
    await slide.close();
  });
});

it('an overview goes on over a tile that cannot be read, and a thumbnail fits its square', async () => {
  const file = await slideOf(picture(900, 700), 900, 700, false);
  const whole = await openSlide(file);
  const small = await thumbnail(whole, 100);
  expect([small.width, small.height]).toEqual([100, 78]);
  await whole.close();
  const damaged = await readFile(file);
  // The first stored tile: a JPEG begins there, and its scan a little later.
  const tile = damaged.indexOf(Buffer.from([0xff, 0xd8, 0xff]));
  damaged.fill(0, tile + 2, tile + 300);
  const other = path.join(folder, 'damaged.tif');
  await writeFile(other, damaged);
  const slide = await openSlide(other);
  expect((await overview(slide, 512)).unreadableTiles).toBe(1);
  await slide.close();
});

describe.skipIf(!withSharedSlides)('real slides of ../shared/data (skipped where they are absent)', () => {
  it.each([
    ['slides/CMU-1-Small-Region.svs', 0.499, 0.3, 0.4],
    ['slides/CMU-1-small.tiff', 3.19, 0.15, 0.24],
    ['prostate-biopsies/00a26aaa82c959624d90dfb69fcf259c.tif', 0.96, 0.035, 0.055],
  ])('%s', async (name, mpp, least, most) => {
    const slide = await openSlide(path.join(sharedSlides, '..', name));
    const { fraction } = await findTissue(slide, mpp);
    expect(fraction).toBeGreaterThan(least);
    expect(fraction).toBeLessThan(most);
    await slide.close();
  });
});
