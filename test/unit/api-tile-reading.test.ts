import { link, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpenSlides, type OpenSlides } from '@stroma/api/slides/open-slides';
import { createTileReading } from '@stroma/api/slides/tile-reading';
import { descendants } from '@stroma/infra/process/process-tree';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
let file: string;
let slides: OpenSlides;
const stays = new AbortController().signal;
/** 8 × 8 tiles. */
const side = 8;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-tiles-'));
  file = path.join(folder, 'slide');
  const px = side * 64;
  const pixels = Buffer.from(Uint8Array.from({ length: px * px * 3 }, (_, i) => (i * i) % 251));
  await sharp(pixels, { raw: { width: px, height: px, channels: 3 } })
    .tiff({ tile: true, compression: 'jpeg', tileWidth: 64, tileHeight: 64 })
    .toFile(file);
  slides = createOpenSlides();
});
afterAll(async () => {
  await slides.close();
  await rm(folder, { recursive: true, force: true });
});

const place = (i: number) => ({ file, level: 0, column: i % side, row: Math.floor(i / side) });

describe('a tile', { timeout: 30_000 }, () => {
  test('is read once for all who ask, then comes from memory', async () => {
    const reading = createTileReading(slides);
    const tiles = await Promise.all([1, 2, 3].map(() => reading.read('key', place(5), stays)));
    expect(new Set(tiles).size).toBe(1);
    expect(reading.known('key')?.equals(tiles[0] as Buffer)).toBe(true);
    expect(await sharp(tiles[0]).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 64 });
  });

  test('that nobody waits for any more is not read', async () => {
    const reading = createTileReading(slides);
    const leaving = Array.from({ length: side * side }, () => new AbortController());
    const all = leaving.map(({ signal }, i) => reading.read(`tile ${i}`, place(i), signal));
    const stillWanted = reading.read('tile 63', place(63), stays);
    for (const one of leaving) one.abort();
    const ended = await Promise.allSettled(all);
    const known = ended.map((_, i) => i).filter((i) => reading.known(`tile ${i}`));
    // Four had begun; the last one has somebody else who waits.
    expect(known).toEqual([0, 1, 2, 3, 63]);
    expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(side * side - 5);
    expect((await stillWanted).length).toBeGreaterThan(100);
    expect((await reading.read('tile 30', place(30), stays)).length).toBeGreaterThan(100);
  });

  test('of a file that is gone is a typed error, until the file is back', async () => {
    const reading = createTileReading(slides);
    const gone = { ...place(0), file: path.join(folder, 'gone') };
    await expect(reading.read('gone', gone, stays)).rejects.toMatchObject({
      status: 500,
      problem: { code: 'slide.file-gone', where: 'object slides/gone' },
    });
    await link(file, gone.file);
    expect((await reading.read('gone', gone, stays)).length).toBeGreaterThan(100);
  });
});

test.skipIf(process.platform !== 'linux')(
  'a thousand slides looked at in turn leave no file open, and no memory',
  { timeout: 60_000 },
  async () => {
    const many = createOpenSlides();
    const reading = createTileReading(many, 1_000_000);
    const look = async (from: number, to: number) => {
      for (let i = from; i < to; i += 1) {
        const copy = path.join(folder, `copy-${i}`);
        await link(file, copy);
        await Promise.all([0, 63].map((k) => reading.read(`${i} ${k}`, { ...place(k), file: copy }, stays)));
        await rm(copy);
      }
    };
    await look(0, 300);
    const before = await held();
    await look(300, 1_000);
    const after = await held();
    // 32 slides stay open.
    expect(after.slideFiles).toBeLessThanOrEqual(32);
    expect(after.files).toBeLessThan(before.files + 8);
    expect(after.megabytes - before.megabytes).toBeLessThan(80);
    await many.close();
    expect((await held()).slideFiles).toBe(0);
  },
);

/** What this process and the one that reads its slides hold. */
async function held() {
  let [files, slideFiles, megabytes] = [0, 0, 0];
  for (const pid of await descendants(process.pid)) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const names = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    files += names.length;
    slideFiles += names.filter((name) => name.includes(`${folder}/copy-`)).length;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    megabytes += Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  }
  return { files, slideFiles, megabytes };
}
