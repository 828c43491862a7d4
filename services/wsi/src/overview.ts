import type { RgbImage } from './jpeg.ts';
import { resample, shrinkByAverage } from './resample.ts';
import type { SlideFile } from './slide-file.ts';

/** The whole slide as one small picture. */
export interface Overview extends RgbImage {
  /** Level-0 px per px of the picture. */
  downsampleX: number;
  downsampleY: number;
  /** Tiles that could not be read; they are white. */
  unreadableTiles: number;
}

/**
 * A picture of the slide whose longer side is at most maxSide and more than half of it, when the slide is that large.
 * It is put together from the tiles of the coarsest level that is large enough, each shrunk as soon as it is decoded, so
 * a slide with nothing but a huge level needs no more memory than one with a pyramid.
 */
export async function overview(slide: SlideFile, maxSide: number): Promise<Overview> {
  const { levels } = slide.structure;
  const level =
    [...levels].reverse().find(({ width, height }) => Math.max(width, height) > maxSide / 2) ?? slide.level(0);
  let factor = 1;
  while (Math.max(level.width, level.height) / factor > maxSide) factor *= 2;
  const width = Math.ceil(level.width / factor);
  const height = Math.ceil(level.height / factor);
  const data = Buffer.alloc(width * height * 3, 255);
  let unreadableTiles = 0;
  const place = async (column: number, row: number) => {
    const left = Math.round((column * level.tileWidth) / factor);
    const top = Math.round((row * level.tileHeight) / factor);
    const tileWidth = Math.max(1, Math.round(((column + 1) * level.tileWidth) / factor) - left);
    const tileHeight = Math.max(1, Math.round(((row + 1) * level.tileHeight) / factor) - top);
    try {
      const tile = await slide.decodedTile(level.level, column, row);
      const stored = { data: tile, width: level.tileWidth, height: level.tileHeight };
      const pixels = factor === 1 ? tile : shrinkByAverage(stored, tileWidth, tileHeight);
      const columns = Math.min(tileWidth, width - left);
      for (let y = 0; y < Math.min(tileHeight, height - top); y += 1) {
        pixels.copy(data, ((top + y) * width + left) * 3, y * tileWidth * 3, (y * tileWidth + columns) * 3);
      }
    } catch {
      unreadableTiles += 1;
    }
  };
  const across = Math.ceil(level.width / level.tileWidth);
  const down = Math.ceil(level.height / level.tileHeight);
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += inFlight) {
      const some = Array.from({ length: Math.min(inFlight, across - column) }, (_, i) => place(column + i, row));
      await Promise.all(some);
    }
  }
  const downsampleX = level.downsampleX * factor;
  return { data, width, height, downsampleX, downsampleY: level.downsampleY * factor, unreadableTiles };
}

const inFlight = 4;

/** The overview shrunk to fit a square of this side; from the pyramid, never from a label or macro image. */
export async function thumbnail(slide: SlideFile, side: number): Promise<RgbImage> {
  const picture = await overview(slide, side * 2);
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return { data: await resample(picture, width, height), width, height };
}
