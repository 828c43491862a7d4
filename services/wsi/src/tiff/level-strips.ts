import type { FileHandle } from 'node:fs/promises';
import { encodeJpeg } from '../jpeg.ts';
import { displayQuality, type LevelTiles } from './level-tiles.ts';
import { StripCache } from './strip-cache.ts';
import { displayTileHeight } from './strip-split.ts';
import { accuratePixels, whitePixels } from './tile-pixels.ts';
import { tileRows } from './tile-samples.ts';
import type { TileTable } from './tile-table.ts';

const tileWidth = 256;

/** A level stored in strips, cut into display tiles of our own; the last ones are white beyond the image. */
export function stripTiles(handle: FileHandle, table: TileTable): LevelTiles {
  const { width, height } = table;
  const tileHeight = displayTileHeight(table) ?? tileWidth;
  const strips = new StripCache((strip) => accuratePixels(handle, table, strip));

  async function accurate(column: number, row: number, into?: Buffer): Promise<Buffer> {
    const out = whitePixels(tileWidth, tileHeight, into);
    const left = column * tileWidth;
    const columns = Math.min(tileWidth, width - left);
    const top = row * tileHeight;
    const bottom = Math.min(top + tileHeight, height);
    const wanted: number[] = [];
    for (let y = top; y < bottom; y += table.tileHeight - (y % table.tileHeight)) {
      wanted.push(Math.floor(y / table.tileHeight));
    }
    const copy = async (strip: number) => {
      const pixels = await strips.get(strip, width * tileRows(table, strip) * 3);
      const stripTop = strip * table.tileHeight;
      const last = Math.min(bottom, stripTop + table.tileHeight);
      for (let y = Math.max(top, stripTop); pixels && y < last; y += 1) {
        const from = ((y - stripTop) * width + left) * 3;
        pixels.copy(out, (y - top) * tileWidth * 3, from, from + columns * 3);
      }
    };
    await Promise.all(wanted.map(copy));
    return out;
  }

  return {
    tileWidth,
    tileHeight,
    across: Math.ceil(width / tileWidth),
    down: Math.ceil(height / tileHeight),
    jpeg: async (column, row) => await encodeJpeg(await accurate(column, row), tileWidth, tileHeight, displayQuality),
    fast: accurate,
    accurate: (column, row) => accurate(column, row),
    close: () => strips.clear(),
  };
}
