import { exportRemedy, refuse } from '../refusal.ts';
import type { TiffImage } from './images.ts';
import { pixelProblem } from './pixel-layout.ts';

export interface Size {
  width: number;
  height: number;
}

export interface Pyramid {
  /** Finest first. */
  levels: TiffImage[];
  /** The other images of the file. */
  others: TiffImage[];
  quirks: string[];
}

/** The slide itself, the first of the images in readImages' order; refused when its pixels are of a kind that is not read. */
export function finestImage(images: TiffImage[]): TiffImage {
  const finest = images[0];
  const where = `image directory ${finest?.directory.index ?? 0}`;
  if (finest?.name !== 'other') {
    refuse('no_image', {
      message: 'The file holds no image of the tissue.',
      expected: 'a scanned slide',
      found: finest ? `nothing but a picture of the slide (${finest.name})` : 'no image',
      where,
      remedy: exportRemedy,
    });
  }
  const problem = pixelProblem(finest.layout);
  if (problem?.compression) {
    refuse('compression', {
      message: `The slide’s pixels are stored with ${problem.compression}, which Stroma does not read.`,
      expected: 'JPEG, LZW, Deflate, PackBits, WebP or no compression',
      found: problem.compression,
      where,
      remedy: exportRemedy,
    });
  }
  if (problem?.colour) {
    refuse('colour', {
      message: 'The slide is not a brightfield colour image.',
      expected: 'red, green and blue, or grey, with 8 bits each',
      found: problem.colour,
      where,
      remedy: exportRemedy,
    });
  }
  return finest;
}

/**
 * Which images of the file form the pyramid: the largest one and every smaller one of the same proportions that is
 * stored alike; its own sub-directories when there are such, as OME-TIFF has them, else the others of the chain.
 */
export function findPyramid(images: TiffImage[], finest: TiffImage): Pyramid {
  const root = finest.directory.parent ?? finest.directory.index;
  const fits = (image: TiffImage) => image !== finest && isLevelOf(finest, image);
  const own = images.filter((image) => isOf(root, image) && fits(image));
  const chosen = own.length > 0 ? own : images.filter((image) => image.directory.parent === undefined && fits(image));
  return pyramidOf(images, finest, chosen);
}

/** Philips stores the levels as tiled images one after the other, with sizes that do not fit one another. */
export function philipsPyramid(images: TiffImage[], finest: TiffImage, levels: number): Pyramid {
  const tiled = images.filter((image) => image !== finest && image.layout.tiled);
  const quirks = tiled
    .slice(levels - 1)
    .map((image) => `${level(image)} is left out: the Philips header does not name it`);
  const pyramid = pyramidOf(images, finest, tiled.slice(0, levels - 1));
  return {
    ...pyramid,
    others: pyramid.others.filter((image) => !tiled.includes(image)),
    quirks: [...quirks, ...pyramid.quirks],
  };
}

function pyramidOf(images: TiffImage[], finest: TiffImage, chosen: TiffImage[]): Pyramid {
  const levels = [finest];
  const quirks: string[] = [];
  for (const image of chosen) {
    if (image.width >= (levels.at(-1) ?? finest).width) continue;
    const problem = pixelProblem(image.layout);
    if (problem) quirks.push(`${level(image)} is left out: its pixels are ${problem.compression ?? problem.colour}`);
    else levels.push(image);
  }
  const alike = images.filter((image) => !levels.includes(image) && sameSize(finest, image));
  if (alike.length > 0) quirks.push(`${alike.length} more images of the slide’s size are left out; the first is used`);
  const roots = levels.map((image) => image.directory.index);
  const others = images.filter(
    (image) =>
      !chosen.includes(image) &&
      image !== finest &&
      !alike.includes(image) &&
      // The smaller copies of another image are no images of their own.
      (image.directory.parent === undefined || roots.includes(image.directory.parent)),
  );
  return { levels, others, quirks };
}

function isLevelOf(finest: TiffImage, image: TiffImage): boolean {
  if (image.layout.tiled !== finest.layout.tiled || image.name !== 'other') return false;
  // A thumbnail in strips may have the slide's proportions too.
  const marked = image.layout.tiled || image.reduced || image.directory.parent !== undefined;
  return marked && sameProportions(finest, image);
}

function isOf(root: number, { directory }: TiffImage): boolean {
  return directory.parent === root || directory.index === root;
}

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

/** True when one downsample explains both sides, each rounded by up to one pixel. */
export function sameProportions(finest: Size, level: Size): boolean {
  if (level.width < 1 || level.height < 1) return false;
  const least = Math.max(finest.width / (level.width + 1), finest.height / (level.height + 1));
  const most = Math.min(finest.width / Math.max(level.width - 1, 0.5), finest.height / Math.max(level.height - 1, 0.5));
  return least <= most;
}

function level({ width, height }: Size): string {
  return `a level of ${width} × ${height} px`;
}
