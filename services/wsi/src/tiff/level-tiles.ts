import type { FileHandle } from 'node:fs/promises';
import { encodeJpeg } from '../jpeg.ts';
import type { StoredTiles } from '../slide-file.ts';
import { readTile } from './tile-jpeg.ts';
import { accuratePixels, fastJpeg, whitePixels, whiteTile } from './tile-pixels.ts';
import { readTileRun } from './tile-run.ts';
import type { TileTable } from './tile-table.ts';

/** The display tiles of one level. */
export interface LevelTiles {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly across: number;
  readonly down: number;
  /** A complete JPEG. */
  jpeg(column: number, row: number): Promise<Buffer>;
  /** Where the file holds JPEG tiles. */
  stored?: StoredTiles;
  /** RGB of the whole tile, within 8 grey levels. */
  fast(column: number, row: number, into?: Buffer): Promise<Buffer>;
  /** RGB of the whole tile, as libtiff reads it. */
  accurate(column: number, row: number): Promise<Buffer>;
  close(): void;
}

/** Of pixels that were not JPEG before: nothing that an eye could find is lost. */
export const displayQuality = 95;

/** JPEG tiles are passed through as they are stored, never decoded to be shown. */
export function jpegTiles(handle: FileHandle, table: TileTable): LevelTiles {
  const stored = (column: number, row: number) => readTile(handle, table, row * table.across + column);
  return {
    ...shape(table),
    jpeg: async (column, row) => (await stored(column, row)) ?? (await whiteTile(table)),
    stored: {
      async read(row, from, to) {
        const tiles = await readTileRun(handle, table, row * table.across + from, row * table.across + to);
        return await Promise.all(tiles.map((tile) => tile ?? whiteTile(table)));
      },
    },
    async fast(column, row, into) {
      const jpeg = await stored(column, row);
      return jpeg ? await fastJpeg(jpeg, table, into) : whitePixels(table.tileWidth, table.tileHeight, into);
    },
    accurate: (column, row) => decoded(handle, table, row * table.across + column),
    close: () => undefined,
  };
}

/** Tiles of any other compression are decoded, and encoded anew to be shown. */
export function decodedTiles(handle: FileHandle, table: TileTable): LevelTiles {
  const accurate = (column: number, row: number) => decoded(handle, table, row * table.across + column);
  return {
    ...shape(table),
    jpeg: async (column, row) =>
      await encodeJpeg(await accurate(column, row), table.tileWidth, table.tileHeight, displayQuality),
    fast: accurate,
    accurate,
    close: () => undefined,
  };
}

async function decoded(handle: FileHandle, table: TileTable, index: number): Promise<Buffer> {
  return (await accuratePixels(handle, table, index)) ?? whitePixels(table.tileWidth, table.tileHeight);
}

function shape({ tileWidth, tileHeight, across, down }: TileTable) {
  return { tileWidth, tileHeight, across, down };
}
