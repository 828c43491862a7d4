import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { asProblem } from '@stroma/core/errors';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import { openSlide } from '@stroma/wsi/open-slide';
import { overview } from '@stroma/wsi/overview';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { tiffKind } from '@stroma/wsi/tiff/tiff-kind';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { pythonWith } from '../integration/inference-python.ts';
import { temporaryFolder } from '../unit/wsi-tiff.ts';

const python = pythonWith(['tifffile', 'imagecodecs']);
if (!python) console.log('skipped: no Python with tifffile and imagecodecs (STROMA_PYTHON)');

let folder: string;

async function open(name: string): Promise<SlideFile> {
  return await openSlide(path.join(folder, name));
}

describe.skipIf(!python)('TIFF as tifffile writes it', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    const program = path.join(import.meta.dirname, '../fixtures/tiff_slides.py');
    await promisify(execFile)(python ?? '', [program, folder]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('what OpenSlide does not open: every level equals tifffile’s, whole and in pieces', async () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.level0.rgb'));
    expect(files.length).toBeGreaterThan(20);
    for (const name of files.map((file) => file.replace('.level0.rgb', ''))) {
      const slide = await open(name);
      for (const { level, width, height } of slide.structure.levels) {
        const expected = await readFile(path.join(folder, `${name}.level${level}.rgb`));
        expect(largestDifference(await slide.region(level, 0, 0, width, height), expected), name).toBe(0);
        const [x, y] = [Math.floor(width / 3), Math.floor(height / 4)];
        const piece = await slide.region(level, x, y, 100, 90);
        expect(largestDifference(piece, cut(expected, width, height, x, y, 100, 90)), name).toBe(0);
      }
      await slide.close();
    }
  });

  it('tile and decodedTile of every way to store show the pixels of region', async () => {
    for (const name of [
      'tiled-lzw',
      'tiled-rgba',
      'tiled-palette',
      'tiled-grey-jpeg',
      'strips-odd',
      'strips-jpeg-420',
    ]) {
      const slide = await open(`${name}.tif`);
      const { tileWidth, tileHeight } = slide.level(0);
      const region = await slide.region(0, tileWidth, 0, tileWidth, tileHeight);
      const decoded = await slide.decodedTile(0, 1, 0);
      const isJpeg = slide.level(0).compression === 'jpeg';
      // Of tiled JPEG by the fast DCT.
      expect(largestDifference(decoded, region), name).toBeLessThanOrEqual(isJpeg ? 12 : 0);
      const shown = await decodeJpeg(await slide.tile(0, 1, 0));
      expect(shown).toMatchObject({ width: tileWidth, height: tileHeight });
      expect(meanDifference(shown.data, region), name).toBeLessThan(4);
      const { unreadableTiles } = await overview(slide, 300);
      expect(unreadableTiles).toBe(0);
      await expect(slide.tile(0, 99, 0)).rejects.toThrow('no such place');
      await slide.close();
    }
  });

  it('OME-TIFF: the pyramid lies in sub-directories; the header’s units are µm, nm and mm; the label is named', async () => {
    for (const name of ['ome-jpeg', 'ome-lzw', 'ome-none', 'ome-strips']) {
      const slide = await open(`${name}.tif`);
      expect(slide.structure).toMatchObject({
        format: 'ome-tiff',
        mppDeclared: { x: 0.5, y: 0.5 },
        associated: ['label'],
        quirks: [],
      });
      expect(slide.structure.levels.map(({ width }) => width)).toEqual([620, 310, 155]);
      await slide.close();
    }
  });

  it('Philips: mpp of its header, levels without what fills the last tiles up, absent tiles white', async () => {
    const slide = await open('philips.tif');
    expect(slide.structure).toMatchObject({
      format: 'philips-tiff',
      vendor: 'Philips',
      mppDeclared: { x: 0.25, y: 0.25 },
      associated: ['label', 'macro'],
      quirks: ['2 of 20 tiles of the level of 640 × 512 px are absent'],
    });
    expect(slide.structure.levels.map(({ width, height, downsampleX }) => [width, height, downsampleX])).toEqual([
      [640, 512, 1],
      [320, 256, 2],
      [160, 128, 4],
    ]);
    expect((await slide.region(0, 130, 10, 50, 50)).every((value) => value === 255)).toBe(true);
    await slide.close();
  });

  it('a macro image larger than the slide stays a macro image', async () => {
    const slide = await open('small-with-macro.tif');
    expect(slide.structure.levels.map(({ width }) => width)).toEqual([155]);
    expect(slide.structure).toMatchObject({ associated: ['macro'], mppDeclared: { x: 0.5, y: 0.5 } });
    await slide.close();
  });

  it.each([
    ['refused-16-bit.tif', 'slide.colour', '16, 16, 16 bits'],
    ['refused-float.tif', 'slide.colour', '32, 32, 32 bits'],
    ['refused-lzma.tif', 'slide.compression', 'LZMA'],
  ])('%s is refused: %s, %s', async (name, code, found) => {
    const problem = await open(name).then(undefined, asProblem);
    expect(problem).toMatchObject({ code, found });
  });

  it('tiffKind says what a file is and who reads it, without its pixels', async () => {
    const kind = async (name: string) => await tiffKind(path.join(folder, name));
    expect(await kind('ome-lzw.tif')).toMatchObject({ format: 'ome-tiff', reader: 'tiff', pixels: { tiled: true } });
    expect(await kind('philips.tif')).toMatchObject({ format: 'philips-tiff', reader: 'tiff', vendor: 'Philips' });
    expect(await kind('strips-rgba.tif')).toMatchObject({ reader: 'tiff', pixels: { tiled: false, samples: 4 } });
    expect(await kind('tiled-zstd.tif')).toMatchObject({ format: 'generic-tiff', reader: 'openslide' });
  });
});

function meanDifference(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;
}

/** White beyond the image. */
function cut(rgb: Buffer, width: number, height: number, x0: number, y0: number, w: number, h: number): Buffer {
  const out = Buffer.alloc(w * h * 3, 255);
  for (let y = y0; y < Math.min(y0 + h, height); y += 1) {
    const end = Math.min(x0 + w, width);
    rgb.copy(out, (y - y0) * w * 3, (y * width + x0) * 3, (y * width + end) * 3);
  }
  return out;
}
