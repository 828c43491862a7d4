import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { asProblem } from '@stroma/core/errors';
import { openIsolated } from '@stroma/wsi/isolated/open-isolated';
import { openSlide } from '@stroma/wsi/open-slide';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonWith } from '../integration/inference-python.ts';
import { temporaryFolder, tiffBytes, withOpenSlide } from '../unit/wsi-tiff.ts';

const python = withOpenSlide ? pythonWith(['tifffile', 'imagecodecs', 'pydicom']) : undefined;
if (!python) console.log('skipped: no OpenSlide, or no Python with the tools that write slides (STROMA_PYTHON)');

const limits = { callMs: 20_000, memoryBytes: 512e6 };
let folder: string;

async function problemOf(call: Promise<unknown>) {
  return asProblem(
    await call.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

describe.skipIf(!python)('slides that OpenSlide reads', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    await promisify(execFile)(python ?? '', [path.join(import.meta.dirname, '../fixtures/vendor_slides.py'), folder]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['aperio-33005.svs', 'aperio', 20, [500, 125], []],
    ['argos.avs', 'argos', 20, [512, 256], []],
    ['dicom/level-2.dcm', 'dicom', null, [600, 300, 150], []],
    ['hamamatsu.ndpi', 'hamamatsu', 20, [768, 384, 192, 96, 48], []],
    ['hamamatsu.vms', 'hamamatsu', 20, [512, 256, 128, 64, 32, 16], []],
    ['huron.tif', 'huron', null, [512, 256], ['thumbnail']],
    ['leica.scn', 'leica', 20, [800, 400], ['macro']],
    ['mirax.mrxs', 'mirax', 20, [251, 125, 62], []],
    ['sakura.svslide', 'sakura', 20, [500, 250], []],
    ['trestle.tif', 'trestle', 20, [488, 256], []],
    ['ventana.bif', 'ventana', 20, [369, 185], ['macro']],
    ['zeiss.czi', 'zeiss', 20, [488, 244], []],
  ])('%s: %s', async (name, format, objective, widths, associated) => {
    const slide = await openSlide(path.join(folder, name));
    expect(slide.structure).toMatchObject({ reader: 'openslide', format, vendor: format, objective, associated });
    expect(slide.structure.mppDeclared).toEqual({ x: 0.5, y: 0.5 });
    expect(slide.structure.levels.map((level) => level.width)).toEqual(widths);
    for (const { level, tileWidth, tileHeight } of slide.structure.levels) {
      const pixels = await slide.decodedTile(level, 0, 0);
      expect(pixels.equals(await slide.region(level, 0, 0, tileWidth, tileHeight))).toBe(true);
      expect((await slide.tile(level, 0, 0)).subarray(0, 2).toString('hex')).toBe('ffd8');
    }
    expect(await problemOf(slide.tile(0, 99, 0))).toMatchObject({ code: 'slide.outside' });
    expect(await problemOf(slide.region(9, 0, 0, 1, 1))).toMatchObject({ code: 'slide.outside' });
    await slide.close();
    await expect(slide.tile(0, 0, 0)).rejects.toThrow('closed');
  });

  it('what the resolution tags of a TIFF say stands beside what the header says', async () => {
    const derived = async (name: string) => {
      const slide = await openSlide(path.join(folder, name));
      await slide.close();
      return slide.structure.mppDerived;
    };
    expect(await derived('hamamatsu.ndpi')).toEqual({ x: 0.5, y: 0.5 });
    expect(await derived('mirax.mrxs')).toBeNull();
  });

  it('a slide with areas that were not scanned is white there, and says so', async () => {
    const slide = await openSlide(path.join(folder, 'leica.scn'));
    expect(slide.structure.quirks).toEqual([expect.stringContaining('only 720 × 460 px at 40, 60 were scanned')]);
    expect((await slide.region(0, 0, 0, 40, 60)).every((value) => value === 255)).toBe(true);
    expect((await slide.region(0, 40, 60, 40, 60)).some((value) => value < 200)).toBe(true);
    await slide.close();
  });

  it('a damaged tile is an error of its own: its neighbours are read, before and after', async () => {
    const bytes = await readFile(path.join(folder, 'aperio-33005.svs'));
    const tile = bytes.indexOf(Buffer.from('ff4fff51', 'hex'));
    bytes.fill(0, tile, tile + 200);
    const file = path.join(folder, 'damaged.svs');
    await writeFile(file, bytes);
    const slide = await openSlide(file);
    for (let round = 0; round < 2; round += 1) {
      const [damage, ...neighbours] = await Promise.all([
        problemOf(slide.tile(0, 0, 0)),
        ...[1, 2, 3].map((column) => slide.decodedTile(0, column, 1)),
      ]);
      expect(damage).toMatchObject({ code: 'slide.tile_damaged', where: 'level 0, 128 × 128 px at 0, 0' });
      for (const pixels of neighbours) expect(pixels.some((value) => value < 200)).toBe(true);
    }
    await slide.close();
  });

  it('closing waits for the reads that are under way', async () => {
    const slide = await openSlide(path.join(folder, 'mirax.mrxs'));
    const regions = Array.from({ length: 12 }, (_, i) => slide.region(0, i, i, 200, 200));
    const results = Promise.allSettled(regions);
    await slide.close();
    for (const result of await results) {
      if (result.status === 'fulfilled') expect(result.value).toHaveLength(120_000);
      else expect(String(result.reason)).toContain('the slide is closed');
    }
  });

  it('a slide of which a file is missing is refused with its name', async () => {
    await cp(path.join(folder, 'mirax.mrxs'), path.join(folder, 'partial.mrxs'));
    await cp(path.join(folder, 'mirax'), path.join(folder, 'partial'), { recursive: true });
    await rm(path.join(folder, 'partial', 'Data0000.dat'));
    const problem = await problemOf(openSlide(path.join(folder, 'partial.mrxs')));
    expect(problem).toMatchObject({ code: 'slide.not_opened', found: expect.stringContaining('Data0000.dat') });
  });

  it('without the library they are refused with the remedy, and a TIFF is read', async () => {
    const given = process.env.STROMA_OPENSLIDE;
    const file = path.join(folder, 'plain.tif');
    await writeFile(file, await tiffBytes());
    try {
      process.env.STROMA_OPENSLIDE = path.join(folder, 'no-such-library.so');
      const problem = await problemOf(openIsolated(path.join(folder, 'hamamatsu.ndpi'), limits));
      expect(problem).toMatchObject({
        code: 'slide.openslide_missing',
        remedy: expect.stringContaining('npm run setup'),
      });
      delete process.env.STROMA_OPENSLIDE;
      for (const name of ['hamamatsu.ndpi', 'mirax.mrxs', 'dicom/level-0.dcm', 'hamamatsu.vms']) {
        const refusal = await problemOf(openSlide(path.join(folder, name)));
        expect(refusal).toMatchObject({ code: 'slide.openslide_missing', found: expect.stringContaining('not set') });
      }
      const slide = await openSlide(file);
      expect(slide.structure.reader).toBe('tiff');
      await slide.close();
    } finally {
      process.env.STROMA_OPENSLIDE = given;
    }
  });

  it('cut off or overwritten, each gives pixels or a reason', async () => {
    const names = [
      'aperio-33003.svs',
      'dicom/level-0.dcm',
      'hamamatsu.ndpi',
      'leica.scn',
      'trestle.tif',
      'ventana.bif',
    ];
    for (const name of [...names, 'mirax/Index.dat', 'mirax/Slidedat.ini', 'mirax/Data0000.dat']) {
      const good = await readFile(path.join(folder, name));
      const entry = path.join(folder, name.startsWith('mirax/') ? 'mirax.mrxs' : name);
      for (const [i, bytes] of garbled(good).entries()) {
        await writeFile(path.join(folder, name), bytes);
        const read = async () => {
          const slide = await openIsolated(entry);
          try {
            for (const { level } of slide.structure.levels) await slide.region(level, 0, 0, 300, 300);
          } finally {
            await slide.close();
          }
        };
        const problem = await read().then(
          () => undefined,
          (error: unknown) => asProblem(error),
        );
        expect(problem?.code ?? 'slide.read', `${name}, damage ${i}`).toMatch(/^slide\./);
      }
      await writeFile(path.join(folder, name), good);
    }
  });
});

/** Half of the file; its first bytes noise after the signature; noise in its middle. */
function garbled(good: Buffer): Buffer[] {
  const noise = (from: number, length: number) => {
    const bytes = Buffer.from(good);
    for (let i = from; i < Math.min(from + length, good.length); i += 1) bytes[i] = (i * 167 + 13) & 255;
    return bytes;
  };
  return [good.subarray(0, good.length >> 1), noise(8, 60), noise(good.length >> 1, 600)];
}
