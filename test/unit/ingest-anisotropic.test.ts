import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import type { NewCrop } from '@stroma/db/crop-partition';
import { cutSlide } from '@stroma/ingest/cut-slide';
import { Cutters } from '@stroma/ingest/cutter/cutters';
import { LocalStore } from '@stroma/storage/local-store';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import { expect, it } from 'vitest';
import { temporaryFolder } from './wsi-tiff.ts';

/** Dark discs of a true diameter of 64 µm on pink tissue, one in the middle of every 128 µm. */
const spacing0 = { x: 0.5, y: 0.4 };
const fieldMicrons = 128;
const discMicrons = 64;

function discs(width: number, height: number): Buffer {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const across = ((x * spacing0.x) % fieldMicrons) - fieldMicrons / 2;
      const down = ((y * spacing0.y) % fieldMicrons) - fieldMicrons / 2;
      const inside = Math.hypot(across, down) < discMicrons / 2;
      rgb.set(inside ? [90, 30, 110] : [225, 150, 195], (y * width + x) * 3);
    }
  }
  return rgb;
}

it('a disc is as wide as high in crops of a slide whose pixels are not square', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  const cutters = new Cutters(1);
  try {
    const [width, height] = [1024, 1280];
    const file = path.join(folder, 'slide.tif');
    const tiff = sharp(discs(width, height), { raw: { width, height, channels: 3 } });
    await writeFile(file, await tiff.tiff({ compression: 'jpeg', quality: 90, tile: true }).toBuffer());
    const store = new LocalStore(path.join(folder, 'objects'));
    const rows: NewCrop[] = [];
    const sink = { add: async (some: readonly NewCrop[]) => void rows.push(...some) };
    const set = {
      id: 1,
      slideId: '0b0e8f2e-35a5-4d0e-9a6f-2f63e3f0a001',
      name: 'a.tif',
      spacing0,
      recipe: cropRecipe(0.5),
    };
    const signal = new AbortController().signal;
    const { set: cut } = await cutSlide(
      cutters,
      { file, folder: 'crops/1', set },
      store,
      sink,
      signal,
      () => undefined,
    );
    expect(cut).toMatchObject({ size0X: 256, size0Y: 320, effective: { x: 0.5, y: 0.5 } });
    expect(rows.map(({ x0, y0 }) => [x0, y0]).slice(0, 5)).toEqual(
      [0, 256, 512, 768, 0].map((x, i) => [x, i < 4 ? 0 : 320]),
    );
    for (const { byteOffset, byteLength } of rows) {
      const jpeg = await store.range(cut.shards[0]?.objectKey ?? '', byteOffset, byteLength);
      const { data } = await decodeJpeg(jpeg);
      const dark = (x: number, y: number) => (data[(y * 256 + x) * 3] ?? 255) < 160;
      const middle = Array.from({ length: 256 }, (_, i) => i);
      // 64 µm at 0.5 µm/px.
      expect(Math.abs(middle.filter((x) => dark(x, 128)).length - 128)).toBeLessThanOrEqual(2);
      expect(Math.abs(middle.filter((y) => dark(128, y)).length - 128)).toBeLessThanOrEqual(2);
    }
  } finally {
    cutters.close();
    await rm(folder, { recursive: true });
  }
});
