import { createWriteStream } from 'node:fs';
import { copyFile, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { asProblem } from '@stroma/core/errors';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { deidentifiedCopy } from '@stroma/wsi/privacy/deidentified-copy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSlides, temporaryFolder, withSharedSlides } from '../unit/wsi-tiff.ts';
import { leaked, type Planted, readSlides, slidesPython, writeIdentifyingSlides } from './identifying-slides.ts';

interface Seen {
  mpp: number | null;
  vendor: string;
  levels: { size: number[]; sha256: string }[];
  associated: string[];
  series: string[];
}

let folder: string;
let slides: Record<string, Planted>;
let thumbnail: Buffer;
const spacing = { x: 0.25, y: 0.25 };
const made = ['aperio.svs', 'aperio-big.svs', 'generic.tif', 'slide.ome.tif', 'slide.ndpi'];
const real = withSharedSlides ? ['CMU-1-Small-Region.svs', 'CMU-1-small.tiff', 'small.svs'] : [];

async function copyOf(file: string) {
  const copy = await deidentifiedCopy([file], { spacing, thumbnail, uidKey: Buffer.alloc(32) });
  if ('file' in copy) return copy.file;
  throw new Error('a TIFF is one file');
}

async function copied(file: string): Promise<string> {
  const copy = await copyOf(file);
  const target = path.join(folder, `copy-${path.basename(file)}`);
  await pipeline(copy.stream(), createWriteStream(target));
  return target;
}

/** What a reader sees in each slide before and after. */
async function bySlide(reader: string, names: string[]): Promise<[name: string, before: Seen, after: Seen][]> {
  const sources = names.map((name) => path.join(made.includes(name) ? folder : sharedSlides, name));
  const copies = [];
  for (const source of sources) copies.push(await copied(source));
  const seen = await readSlides<Seen[]>(reader, ...sources, ...copies);
  return names.map((name, i) => [name, seen[i] as Seen, seen[names.length + i] as Seen]);
}

describe.skipIf(!slidesPython)('a de-identified copy', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    slides = await writeIdentifyingSlides(folder);
    const white = sharp({ create: { width: 40, height: 30, channels: 3, background: 'white' } });
    thumbnail = await white.jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(made)('of %s holds none of the texts that were planted', async (name) => {
    const source = path.join(folder, name);
    const planted = slides[name] as Planted;
    expect(leaked(await readFile(source), planted).length).toBeGreaterThan(8);
    expect(leaked(await readFile(await copied(source)), planted)).toEqual([]);
  });

  it('opens in OpenSlide with the same pixels and scale', async () => {
    for (const [name, before, after] of await bySlide('openslide', [...made, ...real])) {
      // Of OME OpenSlide reads neither the sub-directories nor the scale, which stood in the XML alone.
      expect([name, after.levels.slice(0, before.levels.length)]).toEqual([name, before.levels]);
      expect(after.mpp).toBeCloseTo(name === 'slide.ome.tif' ? spacing.x : (before.mpp ?? 0), 6);
      expect(after.associated).toEqual(before.vendor === 'aperio' ? ['thumbnail'] : []);
      expect(after.vendor).toBe(before.vendor);
    }
  });

  it('opens in tifffile with the same pixels and scale', async () => {
    const names = [...made, ...real].filter((name) => !name.endsWith('.ndpi'));
    for (const [name, before, after] of await bySlide('tifffile', names)) {
      expect([name, after.levels]).toEqual([name, before.levels]);
      expect(after.mpp).toBe(before.mpp);
      expect(after.series.filter((series) => /label|macro/i.test(series))).toEqual([]);
    }
  });

  it.skipIf(!withSharedSlides)('of a real slide names nobody', async () => {
    const copy = await readFile(await copied(path.join(sharedSlides, 'CMU-1-Small-Region.svs')));
    expect(copy.toString('latin1')).not.toMatch(/CPAPERIOCS|b414003d|12\/29\/09|CMU-1|label|macro/);
  });

  it('can be gone on with at any byte', async () => {
    const copy = await copyOf(path.join(folder, 'aperio.svs'));
    const whole = await buffer(copy.stream());
    expect(whole.length).toBe(copy.bytes);
    for (const from of [0, 1, 7, 5000, 100_000, whole.length - 700, whole.length - 1]) {
      for (const to of [from + 1, Math.min(from + 60_000, whole.length), whole.length]) {
        const part = await buffer(copy.stream({ from, to }));
        expect([from, to, part.equals(whole.subarray(from, to))]).toEqual([from, to, true]);
      }
    }
  });

  it('reads no further than its reader asks', async () => {
    const source = path.join(folder, 'large.tif');
    const piece = await readFile(path.join(folder, 'generic.tif'));
    // The last tile reaches over 100 MB of nothing: what is taken in memory would show.
    await copyFile(path.join(folder, 'generic.tif'), source);
    const at = growLastTile(piece, 100_000_000);
    const handle = await open(source, 'r+');
    await handle.write(piece, 0, piece.length, 0);
    await handle.truncate(at);
    await handle.close();
    const copy = await copyOf(source);
    const before = process.memoryUsage().rss;
    let most = 0;
    let bytes = 0;
    for await (const chunk of copy.stream()) {
      bytes += (chunk as Buffer).length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(most).toBeLessThan(60_000_000);
  });

  it.each(['philips.tif', 'leica.tif', 'trestle.tif'])('of %s is refused with a remedy', async (name) => {
    const problem = await copyOf(path.join(folder, name)).then(() => undefined, asProblem);
    expect(problem).toMatchObject({ code: 'slide.not_deidentifiable', remedy: expect.stringContaining('Export') });
  });

  it('of a file that is no TIFF, or whose tiles overlap, is refused', async () => {
    const refused = async (bytes: Buffer) => {
      const file = path.join(folder, 'refused');
      await pipeline([bytes], createWriteStream(file));
      return (await copyOf(file).then(() => undefined, asProblem))?.code;
    };
    expect(await refused(Buffer.from('ZISRAWFILE'.padEnd(600, '\0')))).toBe('slide.not_deidentifiable');
    const overlapping = await readFile(path.join(folder, 'generic.tif'));
    moveSecondTile(overlapping);
    expect(await refused(overlapping)).toBe('slide.damaged');
  });
});

/** Where the values of a field of the first directory lie in a little-endian TIFF. */
function values(tiff: Buffer, tag: number): { at: number; count: number } {
  const directory = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(directory); i += 1) {
    const entry = directory + 2 + 12 * i;
    if (tiff.readUInt16LE(entry) === tag) {
      return { at: tiff.readUInt32LE(entry + 8), count: tiff.readUInt32LE(entry + 4) };
    }
  }
  throw new RangeError(`no tag ${tag}`);
}

/** Moves the last tile of the first image behind all others; gives the file's new length. */
function growLastTile(tiff: Buffer, bytes: number): number {
  const offsets = values(tiff, 324);
  const counts = values(tiff, 325);
  const last = offsets.count - 1;
  tiff.writeUInt32LE(tiff.length, offsets.at + 4 * last);
  tiff.writeUInt32LE(bytes, counts.at + 4 * last);
  return tiff.length + bytes;
}

function moveSecondTile(tiff: Buffer): void {
  const offsets = values(tiff, 324);
  tiff.writeUInt32LE(tiff.readUInt32LE(offsets.at) + 10, offsets.at + 4);
}
