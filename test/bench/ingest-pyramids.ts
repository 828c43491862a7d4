import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openSlide } from '@stroma/wsi/open-slide';

const shared = path.resolve(import.meta.dirname, '../../../shared/data/slides/CMU-1-Small-Region.svs');
/** A slide with fewer tiles at full resolution is over before its time can be taken. */
const leastTiles = 5_000;
/** 320 × 320 tiles of 256 px, and 64 × 64: what slower programs are given. */
const wholeRepeats = 80;
const partRepeats = 16;

export interface BenchSlide {
  file: string;
  /** A smaller one of the same tiles, to warm up and for peers; the slide itself where it was not made here. */
  part: string;
  description: string;
}

/** Holds what is made once and used by every run: below the user's cache folder. */
export function benchCache(): string {
  const cache =
    process.env.STROMA_CACHE || path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'stroma');
  return path.join(cache, 'bench');
}

/** The slide as it is, or, where it is only a region, a pyramid of 102,400 tiles made of it. */
export async function benchSlide(given: string | undefined, say: (line: string) => void): Promise<BenchSlide> {
  const region = given ? path.resolve(given) : existsSync(shared) ? shared : await drawnRegion(say);
  const slide = await openSlide(region);
  const { width, height, tileWidth, tileHeight } = slide.level(0);
  await slide.close();
  const tiles = Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight);
  if (tiles >= leastTiles)
    return { file: region, part: region, description: `${path.basename(region)}, ${tiles} tiles` };
  const whole = await pyramid(region, wholeRepeats, say);
  const part = await pyramid(region, partRepeats, say);
  const side = 4 * wholeRepeats;
  return { file: whole, part, description: `${path.basename(region)} repeated to ${side} × ${side} tiles of 256 px` };
}

async function pyramid(region: string, repeats: number, say: (line: string) => void): Promise<string> {
  const { size, mtimeMs } = await stat(region);
  const name = path.basename(region).replace(/\.[^.]*$/, '');
  const file = path.join(benchCache(), `${name}-${size}-${Math.floor(mtimeMs)}-${repeats}.svs`);
  if (existsSync(file)) return file;
  say(`writing a pyramid of ${(4 * repeats) ** 2} tiles`);
  await mkdir(benchCache(), { recursive: true });
  await run('ingest-pyramid.ts', region, file, String(repeats));
  return file;
}

/** Without a real region: tissue as the demo draws it. */
async function drawnRegion(say: (line: string) => void): Promise<string> {
  const file = path.join(benchCache(), 'drawn.tif');
  if (existsSync(file)) return file;
  say('drawing a region');
  await mkdir(benchCache(), { recursive: true });
  const folder = await mkdtemp(path.join(benchCache(), 'drawing-'));
  await run('ingest-slide.ts', path.join(folder, 'drawn.tif'));
  await rename(path.join(folder, 'drawn.tif'), file);
  await rm(folder, { recursive: true });
  return file;
}

/** A process of its own keeps its memory apart. */
async function run(program: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, program), ...args]);
}
