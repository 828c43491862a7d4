import { exportRemedy, refuse } from '../refusal.ts';
import { associatedName } from './aperio.ts';
import type { TiffDirectory } from './directory.ts';
import { compressionName, jpegCompression, tag } from './tags.ts';

export interface Pyramid {
  /** Finest first. */
  levels: TiffDirectory[];
  /** Names of the other images of the file. */
  associated: string[];
  quirks: string[];
}

export interface Size {
  width: number;
  height: number;
}

interface Shape extends Size {
  directory: TiffDirectory;
  tiled: boolean;
}

/**
 * Which images of the file form the pyramid: the largest tiled one and every smaller tiled one of the same
 * proportions. NewSubfileType is not asked, writers disagree about it.
 */
export async function findPyramid(directories: TiffDirectory[], aperio: boolean): Promise<Pyramid> {
  const shapes = await Promise.all(directories.map(shapeOf));
  const bySize = [...shapes].sort((a, b) => b.width * b.height - a.width * a.height);
  const finest = bySize[0];
  if (!finest?.tiled) {
    refuse('not_tiled', {
      message: 'This TIFF is one large picture, not a slide that can be viewed piece by piece.',
      expected: 'an image stored in tiles, with smaller copies of it (a pyramid)',
      found: finest ? `${finest.width} × ${finest.height} px stored in strips` : 'no image',
      where: `image directory ${finest?.directory.index ?? 0}`,
      remedy: exportRemedy,
    });
  }
  await checkPixels(finest);
  const levels = [finest];
  const quirks: string[] = [];
  const associated: string[] = [];
  for (const shape of bySize.slice(1)) {
    const last = levels.at(-1) ?? finest;
    if (shape.tiled && shape.width < last.width && sameProportions(finest, shape)) {
      const reason = await pixelProblem(shape.directory);
      if (reason === undefined) levels.push(shape);
      else quirks.push(`a level of ${shape.width} × ${shape.height} px is left out: ${reason}`);
    } else {
      associated.push(await nameOf(shape, aperio));
    }
  }
  return { levels: levels.map((level) => level.directory), associated, quirks };
}

async function shapeOf(directory: TiffDirectory): Promise<Shape> {
  return {
    directory,
    tiled: directory.has(tag.tileOffsets) && directory.has(tag.tileWidth),
    width: (await directory.number(tag.imageWidth)) ?? 0,
    height: (await directory.number(tag.imageLength)) ?? 0,
  };
}

/** True when one downsample explains both sides, each rounded by up to one pixel. */
export function sameProportions(finest: Size, level: Size): boolean {
  if (level.width < 1 || level.height < 1) return false;
  const least = Math.max(finest.width / (level.width + 1), finest.height / (level.height + 1));
  const most = Math.min(finest.width / Math.max(level.width - 1, 0.5), finest.height / Math.max(level.height - 1, 0.5));
  return least <= most;
}

async function checkPixels({ directory }: Shape): Promise<void> {
  const compression = (await directory.number(tag.compression)) ?? 1;
  if (compression !== jpegCompression) {
    refuse('compression', {
      message: `The slide’s pixels are stored with ${compressionName(compression)}, which Stroma does not read.`,
      expected: 'JPEG',
      found: compressionName(compression),
      where: `image directory ${directory.index}`,
      remedy: exportRemedy,
    });
  }
  const reason = await pixelProblem(directory);
  if (reason === undefined) return;
  refuse('colour', {
    message: 'The slide is not a brightfield colour image.',
    expected: 'red, green and blue with 8 bits each, stored together',
    found: reason,
    where: `image directory ${directory.index}`,
    remedy: exportRemedy,
  });
}

/** Why this image is not 8-bit colour JPEG; undefined when it is. */
async function pixelProblem(directory: TiffDirectory): Promise<string | undefined> {
  const compression = (await directory.number(tag.compression)) ?? 1;
  if (compression !== jpegCompression) return `its compression is ${compressionName(compression)}`;
  const samples = (await directory.number(tag.samplesPerPixel)) ?? 1;
  if (samples !== 3) return `${samples} colour channel${samples === 1 ? '' : 's'}`;
  const bits = await directory.numbers(tag.bitsPerSample);
  if (bits.some((bit) => bit !== 8)) return `${bits.join(', ')} bits`;
  if (((await directory.number(tag.planarConfiguration)) ?? 1) !== 1) return 'colour channels stored apart';
  const photometric = await directory.number(tag.photometric);
  return photometric === 2 || photometric === 6 ? undefined : `photometric interpretation ${photometric}`;
}

async function nameOf({ directory, tiled }: Shape, aperio: boolean): Promise<string> {
  const description = await directory.text(tag.imageDescription);
  const subfileType = (await directory.number(tag.newSubfileType)) ?? 0;
  return associatedName(description, subfileType, tiled ? -1 : directory.index, aperio);
}
