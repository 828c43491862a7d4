import { rm } from 'node:fs/promises';
import path from 'node:path';
import { openSlide } from '@stroma/wsi/open-slide';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  entryAt,
  patched,
  refusalOf,
  refusalOfBytes,
  sharedSlides,
  temporaryFolder,
  tiffBytes,
  withOpenSlide,
  withSharedSlides,
} from './wsi-tiff.ts';

// Codecs at work: a busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let good: Buffer;

beforeAll(async () => {
  folder = await temporaryFolder();
  good = await tiffBytes();
});
afterAll(() => rm(folder, { recursive: true }));

describe('a file that is not a slide is named by its content', () => {
  const dicom = Buffer.alloc(300);
  dicom.write('DICM', 128);
  it.each([
    ['DICOM', dicom, 'a DICOM file'],
    ['zip', Buffer.from('PK\x03\x04 and more'), 'a zip archive'],
    ['text', Buffer.from('slide_id,patient_id\n1,2\n'), 'a text file'],
    ['zeros', Buffer.alloc(4096), 'a file that begins with zeros only'],
    ['a TIFF of four bytes', Buffer.from('II*\0'), 'a file of an unknown kind (it begins with 49492a00)'],
  ])('%s', async (_, bytes, found) => {
    const problem = await refusalOfBytes(folder, bytes);
    expect(problem).toMatchObject({ code: 'slide.unknown_format', found });
    expect(problem.remedy).toBeTruthy();
  });

  it('an empty file', async () => {
    expect(await refusalOfBytes(folder, Buffer.alloc(0))).toMatchObject({ code: 'slide.empty' });
  });
});

describe('a TIFF that cannot be a slide', () => {
  it('another compression, by its name', async () => {
    const lzma = patched(good, 259, { value: 34_925 });
    expect(await refusalOfBytes(folder, lzma)).toMatchObject({ code: 'slide.compression', found: 'LZMA' });
    const jpeg2000 = patched(good, 259, { value: 33005 });
    const expected = { code: 'slide.not_opened', found: 'Unsupported TIFF compression: 33005' };
    if (withOpenSlide) expect(await refusalOfBytes(folder, jpeg2000)).toMatchObject(expected);
  });

  it('one colour channel', async () => {
    expect(await refusalOfBytes(folder, patched(good, 277, { value: 1 }))).toMatchObject({ code: 'slide.colour' });
  });
});

describe('a damaged file', () => {
  it('cut off, in its tiles or before its table of contents', async () => {
    for (const share of [0.3, 0.9, 0.999]) {
      const problem = await refusalOfBytes(folder, good.subarray(0, Math.floor(good.length * share)));
      expect(problem.code).toBe('slide.truncated');
    }
  });

  it('a directory that leads back to itself', async () => {
    const loop = Buffer.from(good);
    const directory = loop.readUInt32LE(4);
    loop.writeUInt32LE(directory, directory + 2 + 12 * loop.readUInt16LE(directory));
    expect(await refusalOfBytes(folder, loop)).toMatchObject({ code: 'slide.directory_loop' });
  });

  it('counts and sizes that lie, without memory being taken for them', async () => {
    const before = process.memoryUsage().rss;
    expect((await refusalOfBytes(folder, patched(good, 324, { count: 0xffff_fff0 }))).code).toBe('slide.tile_count');
    expect((await refusalOfBytes(folder, patched(good, 256, { value: 60_000 }))).code).toBe('slide.tile_count');
    expect((await refusalOfBytes(folder, patched(good, 322, { value: 0 }))).code).toBe('slide.tile_size');
    expect((await refusalOfBytes(folder, patched(good, 347, { count: 0x7fff_ffff }))).code).toBe('slide.truncated');
    const directory = good.readUInt32LE(4);
    const entries = Buffer.from(good);
    entries.writeUInt16LE(65_535, directory);
    expect((await refusalOfBytes(folder, entries)).code).toBe('slide.damaged');
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it('tiles that do not decode', async () => {
    const garbage = Buffer.from(good);
    const offsets = entryAt(good, 324);
    for (let i = 0; i < good.readUInt32LE(offsets + 4); i += 1) {
      const tile = good.readUInt32LE(good.readUInt32LE(offsets + 8) + 4 * i);
      garbage.fill(0x55, tile, tile + 400);
    }
    expect(await refusalOfBytes(folder, garbage)).toMatchObject({ code: 'slide.unreadable' });
  });

  it('JPEG tables that are missing', async () => {
    const bare = Buffer.from(good);
    bare.writeUInt16LE(60_000, entryAt(bare, 347));
    expect(await refusalOfBytes(folder, bare)).toMatchObject({ code: 'slide.jpeg_tables' });
  });
});

describe.skipIf(!withSharedSlides)('the slides of ../shared/data (skipped where they are absent)', () => {
  it.each([
    ['bad/broken.svs', 'slide.unknown_format'],
    ['bad/empty.svs', 'slide.empty'],
    ['bad/truncated.svs', 'slide.truncated'],
    ['bad/unopenable.tiff', 'slide.compression'],
    ['bad/unreadable.svs', 'slide.unreadable'],
  ])('%s is refused: %s', async (name, code) => {
    const problem = await refusalOf(path.join(sharedSlides, name));
    expect(problem.code).toBe(code);
    expect(problem.expected && problem.found && problem.remedy).toBeTruthy();
  });

  it('a good TIFF under a wrong ending is accepted', async () => {
    const slide = await openSlide(path.join(sharedSlides, 'bad/renamed-tiff.ndpi'));
    expect(slide.structure.levels.map((level) => level.width)).toEqual([718, 359, 179]);
    await slide.close();
  });

  it('the Aperio slide: mpp and objective of its header, its label named but no level', async () => {
    const slide = await openSlide(path.join(sharedSlides, 'CMU-1-Small-Region.svs'));
    expect(slide.structure).toMatchObject({
      format: 'aperio-svs',
      mppDeclared: { x: 0.499, y: 0.499 },
      mppDerived: null,
      objective: 20,
    });
    expect(slide.structure.levels).toHaveLength(1);
    expect([...slide.structure.associated].sort()).toEqual(['label', 'macro', 'thumbnail']);
    await slide.close();
  });
});
