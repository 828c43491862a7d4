import type { FileHandle } from 'node:fs/promises';
import { asProblem } from '@stroma/core/errors';
import { decodeJpeg } from '../jpeg.ts';
import { jpegHeader } from '../jpeg-header.ts';
import { copyRemedy, exportRemedy, refuse } from '../refusal.ts';
import { compression, compressionName } from './tags.ts';
import { readTile } from './tile-jpeg.ts';
import { accuratePixels } from './tile-pixels.ts';
import { tileRows } from './tile-samples.ts';
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
    const { width, height, across, down } = level.table;
    const stored = storedTiles(level.table);
    const { damage, tried } = await probe(handle, level.table, stored);
    if (damage.length === tried) {
      if (levels.length === 0) refuseUnreadable(level, damage[0] ?? 'no tile at all');
      quirks.push(`a level of ${width} × ${height} px is left out: its tiles cannot be read`);
      continue;
    }
    if (damage.length > 0) quirks.push(`a tile of the level of ${width} × ${height} px is damaged`);
    const absent = across * down - stored.length;
    if (absent > 0)
      quirks.push(`${absent} of ${across * down} tiles of the level of ${width} × ${height} px are absent`);
    levels.push(level);
  }
  return { levels, quirks };
}

function storedTiles({ counts, across, down }: TileTable): number[] {
  const stored: number[] = [];
  for (let index = 0; index < across * down; index += 1) if (counts[index]) stored.push(index);
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
  try {
    if (table.layout.compression === compression.jpeg) return await jpegDamage(handle, table, index);
    await accuratePixels(handle, table, index);
    return undefined;
  } catch (error) {
    return asProblem(error).found ?? String(error);
  }
}

async function jpegDamage(handle: FileHandle, table: TileTable, index: number): Promise<string | undefined> {
  const jpeg = await readTile(handle, table, index);
  const header = jpeg && jpegHeader(jpeg);
  if (!jpeg || !header) return 'bytes that are not a JPEG';
  if (!header.hasTables) return missingTables;
  const { width, height, components } = header;
  if (width !== table.tileWidth || height !== tileRows(table, index) || components !== table.layout.samples) {
    return `a tile of ${width} × ${height} px in ${components} colours`;
  }
  await decodeJpeg(jpeg);
  return undefined;
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
    expected: `${compressionName(table.layout.compression)} tiles of ${table.tileWidth} × ${table.tileHeight} px`,
    found,
    where: `image directory ${ifd}`,
    remedy: copyRemedy,
  });
}
