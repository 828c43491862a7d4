import path from 'node:path';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { cropQuality } from '@stroma/wsi/crop-quality';
import { decodeJpeg, encodeJpeg } from '@stroma/wsi/jpeg';
import { openSlide } from '@stroma/wsi/open-slide';
import { describe, expect, it } from 'vitest';
import { sharedSlides, withSharedSlides } from './wsi-tiff.ts';
import { box, Drawing, height, width } from './wsi-tissue-drawing.ts';

const everywhere = { inside: () => true };
const he = { eosin: 0.22, haematoxylin: 0.1 };
const raw = { width, height, channels: 3 } as const;

async function crop(drawing: Drawing) {
  return (await drawing.picture()).data;
}

async function blurred(rgb: Buffer, sigma: number, side = raw): Promise<Buffer> {
  const pixels = sigma === 0 ? rgb : await sharp(rgb, { raw: side }).blur(sigma).raw().toBuffer();
  // As it is stored: what JPEG adds must not look like detail.
  const jpeg = await encodeJpeg(pixels, side.width, side.height, 90, '4:4:4');
  return (await decodeJpeg(jpeg)).data;
}

async function expectFalling(rgb: Buffer, side = raw): Promise<void> {
  const numbers: number[] = [];
  for (const sigma of [0, 0.7, 1, 1.5, 2.5, 4, 8, 16]) {
    numbers.push(cropQuality(await blurred(rgb, sigma, side), side.width, side.height).sharpness);
  }
  for (const [i, number] of numbers.entries()) {
    if (i > 0) expect(number, numbers.join(' ')).toBeLessThanOrEqual(numbers[i - 1] ?? 0);
  }
  expect(numbers[0]).toBeGreaterThan(4 * (numbers[3] ?? 0));
  expect(numbers.at(-1)).toBeLessThan(0.02);
}

describe('sharpness', () => {
  it('falls with every bit of blur, down to nothing', async () => {
    await expectFalling(await crop(new Drawing().tissue(he, everywhere)));
  });

  it('is of the focus, not of the stain: half the stain changes it by less than a quarter', async () => {
    const of = async (strength: number) => {
      const stains = { eosin: he.eosin * strength, haematoxylin: he.haematoxylin * strength };
      return cropQuality(await crop(new Drawing().tissue(stains, everywhere)), width, height).sharpness;
    };
    expect(Math.abs((await of(0.5)) / (await of(1)) - 1)).toBeLessThan(0.25);
  });

  it('is none of empty glass, however noisy the scanner', async () => {
    expect(cropQuality(await blurred(await crop(new Drawing()), 0), width, height).sharpness).toBeLessThan(0.1);
  });

  it.skipIf(!withSharedSlides)('falls on real tissue too (skipped where ../shared/data is absent)', async () => {
    const slide = await openSlide(path.join(sharedSlides, 'CMU-1-Small-Region.svs'));
    const side = { width: 256, height: 256, channels: 3 } as const;
    await expectFalling(await slide.region(0, 700, 1200, 256, 256), side as never);
    await slide.close();
  });
});

describe('pen', () => {
  it.each([
    ['blue', [35, 80, 180]],
    ['green', [40, 140, 70]],
    ['red', [205, 35, 50]],
    ['black', [30, 30, 34]],
  ] as const)('%s ink is counted by its area, over tissue, where nuclei hide some of it', async (_, colour) => {
    const half = box(0, 0, width / 2, height);
    const rgb = await crop(new Drawing().tissue(he, everywhere).lay(colour, half));
    expect(cropQuality(rgb, width, height).pen).toBeGreaterThan(0.35);
    expect(cropQuality(rgb, width, height).pen).toBeLessThan(0.52);
  });

  it.each([
    ['haematoxylin and eosin', he],
    ['a dense infiltrate', { haematoxylin: 0.5 }],
    ['brown immunohistochemistry', { dab: 0.5, haematoxylin: 0.1 }],
  ])('is not %s', async (_, stains) => {
    const rgb = await crop(new Drawing().tissue(stains, everywhere));
    expect(cropQuality(rgb, width, height).pen).toBeLessThan(0.01);
  });
});

it('saturation and darkness rise with the stain', async () => {
  const of = async (strength: number) =>
    cropQuality(
      await crop(new Drawing().tissue({ eosin: strength, haematoxylin: strength }, everywhere)),
      width,
      height,
    );
  const [pale, dense] = [await of(0.05), await of(0.4)];
  expect(dense.saturation).toBeGreaterThan(pale.saturation + 0.2);
  expect(dense.darkness).toBeGreaterThan(pale.darkness + 0.2);
});
