import type { FileHandle } from 'node:fs/promises';
import { stripTiles } from './level-strips.ts';
import { decodedTiles, jpegTiles, type LevelTiles } from './level-tiles.ts';
import { compression } from './tags.ts';
import type { TileTable } from './tile-table.ts';

/** Chosen once a level by how it is stored. */
export function openLevel(handle: FileHandle, table: TileTable): LevelTiles {
  if (!table.layout.tiled) return stripTiles(handle, table);
  return table.layout.compression === compression.jpeg ? jpegTiles(handle, table) : decodedTiles(handle, table);
}
