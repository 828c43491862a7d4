import { type FileHandle, open } from 'node:fs/promises';
import { checkRegion, outside, type SlideFile } from '../slide-file.ts';
import { type SlideStructure, type StructureLevel, structureLevels } from '../slide-structure.ts';
import { aperioHeader } from './aperio.ts';
import { readDirectories } from './file.ts';
import { probeLevels } from './probe.ts';
import { findPyramid } from './pyramid.ts';
import { derivedSpacing } from './resolution.ts';
import { tag } from './tags.ts';
import { readTile } from './tile-jpeg.ts';
import { accuratePixels, fastPixels, whiteTile } from './tile-pixels.ts';
import { readTileTable, type TileTable } from './tile-table.ts';

/** Opens a TIFF or Aperio SVS, or refuses it with a Problem that says why. */
export async function openTiffSlide(path: string): Promise<SlideFile> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const directories = await readDirectories(handle, size);
    const description = (await directories[0]?.text(tag.imageDescription)) ?? '';
    const aperio = aperioHeader(description);
    const pyramid = await findPyramid(directories, aperio !== undefined);
    const tables = [];
    for (const directory of pyramid.levels) {
      tables.push({ ifd: directory.index, table: await readTileTable(directory, size) });
    }
    const probed = await probeLevels(handle, tables);
    const finest = pyramid.levels[0];
    const derived = finest ? await derivedSpacing(finest) : { spacing: null, quirks: [] };
    const make = (await directories[0]?.text(tag.make)) || null;
    return new TiffSlide(
      handle,
      probed.levels.map(({ table }) => table),
      {
        reader: 'tiff',
        format: aperio ? 'aperio-svs' : 'generic-tiff',
        vendor: aperio ? 'Aperio' : make,
        objective: aperio?.objective ?? null,
        mppDeclared: aperio?.mpp ? { x: aperio.mpp, y: aperio.mpp } : null,
        mppDerived: derived.spacing,
        levels: structureLevels(probed.levels),
        quirks: [...pyramid.quirks, ...(aperio?.quirks ?? []), ...derived.quirks, ...probed.quirks],
        associated: pyramid.associated,
      },
    );
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class TiffSlide implements SlideFile {
  readonly structure: SlideStructure;
  readonly #handle: FileHandle;
  readonly #tables: TileTable[];

  constructor(handle: FileHandle, tables: TileTable[], structure: SlideStructure) {
    this.#handle = handle;
    this.#tables = tables;
    this.structure = structure;
  }

  level(level: number): StructureLevel {
    const found = this.structure.levels[level];
    if (!found) throw outside(`level ${level}`, `levels 0 to ${this.structure.levels.length - 1}`);
    return found;
  }

  /** Passed through as stored, never decoded. */
  async tile(level: number, column: number, row: number): Promise<Buffer> {
    const table = this.#table(level);
    const { across, down } = table;
    if (
      !(Number.isInteger(column) && Number.isInteger(row) && column >= 0 && row >= 0 && column < across && row < down)
    ) {
      throw outside(`column ${column}, row ${row} of level ${level}`, `${across} × ${down} tiles`);
    }
    return (await readTile(this.#handle, table, row * across + column)) ?? (await whiteTile(table));
  }

  async decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer> {
    return await fastPixels(await this.tile(level, column, row), this.#table(level), into);
  }

  async region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer> {
    const table = this.#table(level);
    checkRegion({ x, y, width, height });
    const out = Buffer.alloc(width * height * 3, 255);
    const right = Math.min(x + width, table.width);
    const bottom = Math.min(y + height, table.height);
    for (let row = Math.floor(Math.max(y, 0) / table.tileHeight); row * table.tileHeight < bottom; row += 1) {
      for (let column = Math.floor(Math.max(x, 0) / table.tileWidth); column * table.tileWidth < right; column += 1) {
        const pixels = await accuratePixels(await this.tile(level, column, row), table);
        const tileX = column * table.tileWidth;
        const tileY = row * table.tileHeight;
        const from = Math.max(tileX, x);
        const to = Math.min(tileX + table.tileWidth, right);
        for (let py = Math.max(tileY, y); py < Math.min(tileY + table.tileHeight, bottom); py += 1) {
          const source = ((py - tileY) * table.tileWidth + from - tileX) * 3;
          pixels.copy(out, ((py - y) * width + from - x) * 3, source, source + (to - from) * 3);
        }
      }
    }
    return out;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #table(level: number): TileTable {
    const table = this.#tables[level];
    if (!table) throw outside(`level ${level}`, `levels 0 to ${this.#tables.length - 1}`);
    return table;
  }
}
