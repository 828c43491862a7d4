import { exportRemedy, refuse } from '../refusal.ts';
import type { TiffDirectory } from './directory.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { tag } from './tags.ts';

/** Twenty times the longest slide ever scanned; a file that claims more is damaged. */
const maxSide = 4_000_000;
const minTileSide = 8;
const maxTileSide = 4096;

/** How an image is cut into the pieces that are stored; a strip counts as a tile as wide as the image. */
export interface TileGrid {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  across: number;
  down: number;
}

export async function readTileGrid(directory: TiffDirectory, { tiled }: PixelLayout): Promise<TileGrid> {
  const where = `image directory ${directory.index}`;
  const width = (await directory.number(tag.imageWidth)) ?? 0;
  const height = (await directory.number(tag.imageLength)) ?? 0;
  if (!isSide(width, 1, maxSide) || !isSide(height, 1, maxSide)) {
    refuse('dimensions', {
      message: 'The slide’s stated size cannot be true.',
      expected: `1 to ${maxSide} px a side`,
      found: `${width} × ${height} px`,
      where,
      remedy: exportRemedy,
    });
  }
  // TIFF 6.0: one strip when nothing is stated.
  const rows = (await directory.number(tag.rowsPerStrip)) ?? height;
  const tileWidth = tiled ? ((await directory.number(tag.tileWidth)) ?? 0) : width;
  const tileHeight = tiled ? ((await directory.number(tag.tileLength)) ?? 0) : Math.min(rows, height);
  const mostHigh = tiled ? maxTileSide : maxSide;
  const leastHigh = tiled ? minTileSide : 1;
  if ((tiled && !isSide(tileWidth, minTileSide, maxTileSide)) || !isSide(tileHeight, leastHigh, mostHigh)) {
    refuse('tile_size', {
      message: 'The slide’s tiles have a size that cannot be read.',
      expected: `${minTileSide} to ${maxTileSide} px a side`,
      found: `${tileWidth} × ${tileHeight} px`,
      where,
      remedy: exportRemedy,
    });
  }
  return {
    width,
    height,
    tileWidth,
    tileHeight,
    across: Math.ceil(width / tileWidth),
    down: Math.ceil(height / tileHeight),
  };
}

function isSide(px: number, least: number, most: number): boolean {
  return Number.isInteger(px) && px >= least && px <= most;
}
