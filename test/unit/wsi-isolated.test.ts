import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { asProblem } from '@stroma/core/errors';
import { openIsolated } from '@stroma/wsi/isolated/open-isolated';
import { openSlide } from '@stroma/wsi/open-slide';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder, tiffBytes } from './wsi-tiff.ts';

// Child processes start: a busy machine takes longer than the usual five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const usual = { callMs: 20_000, memoryBytes: 512e6 };
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  file = path.join(folder, 'slide.tif');
  await writeFile(file, await tiffBytes());
});
afterAll(() => rm(folder, { recursive: true }));

/** The children of a process, by what they run. */
async function readersOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args=']);
  const lines = stdout.split('\n').filter((line) => line.includes('child-program'));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([own, ppid]) => (Number(ppid) === pid ? [Number(own)] : []));
}

async function onlyReader(): Promise<number> {
  const [reader, ...more] = await readersOf(process.pid);
  if (!reader || more.length > 0) throw new Error(`${more.length + (reader ? 1 : 0)} children`);
  return reader;
}

async function untilGone(pid: number): Promise<void> {
  const isThere = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (const deadline = Date.now() + 10_000; isThere(); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} is still there`);
  }
}

async function problemOf(call: Promise<unknown>) {
  return asProblem(
    await call.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

async function withSlide(limits: typeof usual, use: (slide: SlideFile, reader: number) => Promise<void>) {
  const slide = await openIsolated(file, limits);
  const reader = await onlyReader();
  try {
    await use(slide, reader);
  } finally {
    await slide.close();
  }
  await untilGone(reader);
  expect(await readersOf(process.pid)).toEqual([]);
}

describe('a slide read in a child process', () => {
  it('has the structure, tiles and pixels that it has in this one, many at once', async () => {
    const here = await openSlide(file);
    await withSlide(usual, async (slide) => {
      expect(slide.structure).toEqual(here.structure);
      const places = Array.from({ length: 40 }, (_, i) => i * 13);
      const regions = await Promise.all(places.map((x) => slide.region(0, x, 20, 60, 50)));
      for (const [i, x] of places.entries()) {
        expect(regions[i]?.equals(await here.region(0, x, 20, 60, 50))).toBe(true);
      }
      expect((await slide.tile(1, 0, 0)).equals(await here.tile(1, 0, 0))).toBe(true);
      const into = Buffer.alloc(256 * 256 * 3 + 5);
      const pixels = await slide.decodedTile(0, 1, 1, into);
      expect(pixels.buffer).toBe(into.buffer);
      expect(pixels.equals(await here.decodedTile(0, 1, 1))).toBe(true);
      expect(await problemOf(slide.tile(0, 99, 0))).toEqual(await problemOf(here.tile(0, 99, 0)));
    });
    await here.close();
  });

  it('is refused in the words of its reader, and a missing file keeps its code', async () => {
    const other = path.join(folder, 'text.svs');
    await writeFile(other, 'not a slide\n');
    expect(await problemOf(openIsolated(other, usual))).toEqual(await problemOf(openSlide(other)));
    await expect(openIsolated(path.join(folder, 'absent'), usual)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readersOf(process.pid)).toEqual([]);
  });
});

describe('a child that fails is the slide’s error, and the next call has a new one', () => {
  it('killed in the middle of reads', async () => {
    await withSlide(usual, async (slide, reader) => {
      process.kill(reader, 'SIGSTOP');
      const calls = [1, 2, 3].map((x) => problemOf(slide.region(0, x, 0, 300, 300)));
      process.kill(reader, 'SIGKILL');
      for (const problem of await Promise.all(calls)) {
        expect(problem).toMatchObject({ code: 'slide.read_crash', found: 'SIGKILL' });
        expect(problem.remedy).toBeTruthy();
      }
      await untilGone(reader);
      expect(await slide.region(0, 0, 0, 10, 10)).toHaveLength(300);
      process.kill(await onlyReader(), 'SIGKILL');
    });
  });

  it('hanging', async () => {
    await withSlide({ ...usual, callMs: 1000 }, async (slide, reader) => {
      process.kill(reader, 'SIGSTOP');
      expect(await problemOf(slide.tile(0, 0, 0))).toMatchObject({
        code: 'slide.read_time',
        where: 'level 0, tile in column 0, row 0',
      });
      await untilGone(reader);
      expect(await slide.region(0, 0, 0, 10, 10)).toHaveLength(300);
      process.kill(await onlyReader(), 'SIGKILL');
    });
  });

  it('taking too much memory', async () => {
    const reads = async () => {
      const slide = await openIsolated(file, { ...usual, memoryBytes: 20e6 });
      try {
        for (;;) await slide.decodedTile(0, 0, 0);
      } finally {
        await slide.close();
      }
    };
    expect(await problemOf(reads())).toMatchObject({ code: 'slide.read_memory', expected: 'at most 20 MB' });
    expect(await readersOf(process.pid)).toEqual([]);
  });

  it('while another slide is read in it: that one is answered all the same', async () => {
    const slides = await Promise.all([openIsolated(file), openIsolated(file)]);
    const reader = await onlyReader();
    process.kill(reader, 'SIGSTOP');
    const regions = slides.map((slide) => slide.region(0, 0, 0, 50, 50));
    process.kill(reader, 'SIGKILL');
    const [one, two] = await Promise.all(regions);
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
    for (const slide of slides) await slide.close();
    expect(await readersOf(process.pid)).toEqual([]);
  });
});

describe('no child is left behind', () => {
  const program = `
    import { openIsolated } from '@stroma/wsi/isolated/open-isolated';
    const slide = await openIsolated(process.argv[1]);
    console.log('open', slide.structure.levels.length);
    if (process.argv[2] === 'stay') setInterval(() => undefined, 1000);`;
  const start = (how: string) =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, file, how], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  it('by a parent that is killed, even while the child is stopped', async () => {
    const parent = start('stay');
    await once(parent.stdout, 'data');
    const [reader = 0] = await readersOf(parent.pid ?? 0);
    expect(reader).toBeGreaterThan(0);
    process.kill(reader, 'SIGSTOP');
    parent.kill('SIGKILL');
    await untilGone(reader);
  });

  it('by a parent that has nothing more to do: an open slide does not keep it alive', async () => {
    const parent = start('end');
    const ended = once(parent, 'exit');
    await once(parent.stdout, 'data');
    const [reader] = await readersOf(parent.pid ?? 0);
    expect((await ended)[0]).toBe(0);
    if (reader) await untilGone(reader);
  });
});
