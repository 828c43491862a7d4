import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { pictureDistance, pictureHash, pictureHashVariants } from '@stroma/wsi/fingerprint/picture-hash';
import { type PixelHash, pixelHashes } from '@stroma/wsi/fingerprint/pixel-hash';
import { openSlide } from '@stroma/wsi/open-slide';
import type { Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawnTissue } from '../drawn-tissue.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-fingerprint-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function hashOf(picture: Sharp): Promise<bigint> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return pictureHash({ data, width: info.width, height: info.height }) ?? -1n;
}

/** Each step a file of its own: sharp would put turns and sizes into its own order. */
async function saved(picture: Sharp, quality = 90): Promise<Sharp> {
  return sharp(await picture.jpeg({ quality }).toBuffer());
}

describe('the hash of an overview', () => {
  it('finds a copy that was compressed, shrunk, turned or mirrored, and no other slide', async () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const hashes = await Promise.all(seeds.map((seed) => hashOf(drawnTissue(seed, 256, 192))));
    for (const [i, hash] of hashes.entries()) {
      const original = drawnTissue(seeds[i] ?? 0, 256, 192);
      const turned = await saved((await saved(original.clone())).rotate(90));
      const copies = [
        await saved(original.clone(), 40),
        await saved(original.clone().resize(150, 112)),
        await saved(turned.clone().flop(), 50),
        await saved(turned.clone().flip().flop()),
        await saved(original.clone().modulate({ brightness: 1.05 })),
      ];
      for (const copy of copies) expect(pictureDistance(hash, await hashOf(copy))).toBeLessThanOrEqual(6);
      for (const other of hashes.slice(0, i)) expect(pictureDistance(hash, other)).toBeGreaterThan(6);
    }
  });

  it('is a group: every turn of a turn is one of the eight, and distances do not depend on the order', () => {
    const hash = 0x5a2d964ba7d269b6n;
    const variants = pictureHashVariants(hash);
    expect(variants[0]).toBe(hash);
    const sorted = (list: bigint[]) => [...new Set(list)].sort();
    for (const variant of variants) {
      expect(sorted(pictureHashVariants(variant))).toEqual(sorted(variants));
      expect(pictureDistance(variant, hash)).toBe(0);
      expect(pictureDistance(hash ^ 0b1110n, variant)).toBe(pictureDistance(variant, hash ^ 0b1110n));
    }
  });

  it('is none for glass without tissue', async () => {
    const glass = Buffer.from(Array.from({ length: 100 * 100 * 3 }, (_, i) => 243 + (i % 3)));
    expect(pictureHash({ data: glass, width: 100, height: 100 })).toBeNull();
  });
});

describe('the hash of pixels', () => {
  async function hashesOf(name: string, picture: Sharp, options: object): Promise<PixelHash[]> {
    const file = path.join(folder, name);
    await picture.tiff({ tile: true, compression: 'jpeg', quality: 90, ...options }).toFile(file);
    const slide = await openSlide(file);
    try {
      return await pixelHashes(slide);
    } finally {
      await slide.close();
    }
  }

  it('is the same with other metadata and another pyramid, and another when the pixels are compressed anew', async () => {
    const picture = drawnTissue(1);
    const original = await hashesOf('a.tif', picture.clone(), { pyramid: true, xres: 1000 });
    const renamed = await hashesOf('b.tif', picture.clone(), { pyramid: true, xres: 2000 });
    expect(original).toHaveLength(2);
    expect(renamed).toEqual(original);
    const flat = await hashesOf('c.tif', picture.clone(), { pyramid: false });
    expect(flat).toEqual([original.find((hash) => hash.level === 0)]);
    const anew = await hashesOf('d.tif', picture.clone(), { pyramid: true, quality: 60 });
    const known = new Set(original.map((hash) => hash.sha256));
    expect(anew.filter((hash) => known.has(hash.sha256))).toEqual([]);
  });

  it('samples a large level, and is none where all pixels are of one colour', async () => {
    const one = await hashesOf('large.tif', drawnTissue(2, 2100, 2000), { pyramid: false });
    expect(one).toHaveLength(1);
    const white = { create: { width: 700, height: 500, channels: 3 as const, background: '#ffffff' } };
    expect(await hashesOf('white.tif', sharp(white), { pyramid: true })).toEqual([]);
  });
});
