import { createHash } from 'node:crypto';
import { StromaError } from '@stroma/core/errors';
import type { Rectangle, SlideFile } from '../slide-file.ts';
import type { StructureLevel } from '../slide-structure.ts';

export interface PixelHash {
  level: number;
  /** Of the level's size and its decoded RGB. */
  sha256: string;
}

/** A level up to this many px is hashed whole, a larger one in samples. */
const wholePixels = 4_000_000;
/** Pixels of one read. */
const stripPixels = 1_000_000;
/** A level below this side says too little to know a slide by. */
const leastSide = 256;
/** What JPEG adds to a plain picture at the edge of a tile, in grey levels; and the share that must lie beyond it. */
const ringing = 24;
const leastMarked = 0.001;
/** Samples of a large level: windows of 64 px, which mostly lie in one tile each, 8 across and 8 down. */
const samples = 8;
const sampleSide = 64;

/**
 * Hashes of the coarsest level that is large enough, and of level 0: a copy in another container may have other levels.
 * A level that cannot be read, or that is of one colour, has none: two empty slides are not one.
 */
export async function pixelHashes(slide: SlideFile): Promise<PixelHash[]> {
  const { levels } = slide.structure;
  const low = levels.findLast(({ width, height }) => Math.max(width, height) >= leastSide) ?? slide.level(0);
  const hashes: PixelHash[] = [];
  for (const level of new Set([low, slide.level(0)])) {
    const sha256 = await levelHash(slide, level);
    if (sha256) hashes.push({ level: level.level, sha256 });
  }
  return hashes;
}

async function levelHash(slide: SlideFile, level: StructureLevel): Promise<string | undefined> {
  const hash = createHash('sha256').update(`${level.width}×${level.height}\n`);
  let [values, marked] = [0, 0];
  let first: number | undefined;
  try {
    for (const { x, y, width, height } of rectangles(level)) {
      const pixels = await slide.region(level.level, x, y, width, height);
      first ??= pixels[0] ?? 0;
      values += pixels.length;
      for (const value of pixels) if (Math.abs(value - first) > ringing) marked += 1;
      hash.update(pixels);
    }
  } catch (error) {
    if (error instanceof StromaError) return undefined;
    throw error;
  }
  return marked < leastMarked * values ? undefined : hash.digest('hex');
}

function* rectangles({ width, height }: StructureLevel): Generator<Rectangle> {
  if (width * height > wholePixels) {
    for (let row = 0; row < samples; row += 1) {
      for (let column = 0; column < samples; column += 1) {
        const x = Math.floor(((column + 0.5) * width) / samples);
        const y = Math.floor(((row + 0.5) * height) / samples);
        yield { x, y, width: Math.min(sampleSide, width - x), height: Math.min(sampleSide, height - y) };
      }
    }
    return;
  }
  const rows = Math.max(1, Math.floor(stripPixels / width));
  for (let y = 0; y < height; y += rows) yield { x: 0, y, width, height: Math.min(rows, height - y) };
}
