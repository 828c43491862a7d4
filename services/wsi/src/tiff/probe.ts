import type { FileHandle } from 'node:fs/promises';
import { asProblem } from '@stroma/core/errors';
import { decodeJpeg } from '../jpeg.ts';
import { jpegHeader } from '../jpeg-header.ts';
import { copyRemedy, exportRemedy, refuse } from '../refusal.ts';
import { readTile } from './tile-jpeg.ts';
import type { TileTable } from './tile-table.ts';

export interface LevelTable {
  ifd: number;
  table: TileTable;
}

/** Tiles tried a level before it is given up: its middle and three others. */
const places = [0.5, 0.25, 0.75, 0];

/**
 * Really decodes a tile of every level, so that a slide that cannot be read is refused at the door. A coarser level
 * that cannot be read is left out; without the finest there is no slide.
 */
export async function probeLevels(
  handle: FileHandle,
  tables: LevelTable[],
): Promise<{ levels: LevelTable[]; quirks: string[] }> {
  const levels: LevelTable[] = [];
  const quirks: string[] = [];
  for (const level of tables) {
    const { width, height, counts } = level.table;
    const stored = storedTiles(level.table);
    const { damage, tried } = await probe(handle, level.table, stored);
    if (damage.length === tried) {
      if (levels.length === 0) refuseUnreadable(level, damage[0] ?? 'no tile at all');
      quirks.push(`a level of ${width} × ${height} px is left out: its tiles cannot be read`);
      continue;
    }
    if (damage.length > 0) quirks.push(`a tile of the level of ${width} × ${height} px is damaged`);
    const absent = counts.length - stored.length;
    if (absent > 0)
      quirks.push(`${absent} of ${counts.length} tiles of the level of ${width} × ${height} px are absent`);
    levels.push(level);
  }
  return { levels, quirks };
}

function storedTiles({ counts }: TileTable): number[] {
  const stored: number[] = [];
  for (let index = 0; index < counts.length; index += 1) if (counts[index]) stored.push(index);
  return stored;
}

async function probe(handle: FileHandle, table: TileTable, stored: number[]) {
  const chosen = new Set(places.map((place) => stored[Math.floor(place * stored.length)]));
  const damage: string[] = [];
  let tried = 0;
  for (const index of chosen) {
    if (index === undefined) continue;
    tried += 1;
    const found = await tileDamage(handle, table, index);
    if (found === undefined) break;
    damage.push(found);
  }
  return { damage, tried };
}

async function tileDamage(handle: FileHandle, table: TileTable, index: number): Promise<string | undefined> {
  const jpeg = await readTile(handle, table, index);
  const header = jpeg && jpegHeader(jpeg);
  if (!jpeg || !header) return 'bytes that are not a JPEG';
  if (!header.hasTables) return missingTables;
  if (header.width !== table.tileWidth || header.height !== table.tileHeight || header.components !== 3) {
    return `a tile of ${header.width} × ${header.height} px in ${header.components} colours`;
  }
  try {
    await decodeJpeg(jpeg);
    return undefined;
  } catch (error) {
    return asProblem(error).found ?? String(error);
  }
}

const missingTables = 'tiles without their JPEG tables';

function refuseUnreadable({ ifd, table }: LevelTable, found: string): never {
  if (found === missingTables) {
    refuse('jpeg_tables', {
      message: 'The slide lacks the JPEG tables that its tiles need.',
      expected: 'JPEG tables in the file or in every tile',
      found,
      where: `image directory ${ifd}`,
      remedy: exportRemedy,
    });
  }
  refuse('unreadable', {
    message: 'The slide’s pixels cannot be read; the file is damaged.',
    expected: `JPEG tiles of ${table.tileWidth} × ${table.tileHeight} px in three colours`,
    found,
    where: `image directory ${ifd}`,
    remedy: copyRemedy,
  });
}
