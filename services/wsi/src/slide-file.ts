import { type FileHandle, open } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import { aperioHeader } from './aperio.ts';
import { probeLevels } from './probe.ts';
import { findPyramid } from './pyramid.ts';
import { derivedMpp } from './resolution.ts';
import { type SlideStructure, type StructureLevel, structureLevels } from './slide-structure.ts';
import { readDirectories } from './tiff-file.ts';
import { tag } from './tiff-tags.ts';
import { readTile } from './tile-jpeg.ts';
import { accuratePixels, fastPixels, whiteTile } from './tile-pixels.ts';
import { readTileTable, type TileTable } from './tile-table.ts';

export type { SlideStructure, StructureLevel } from './slide-structure.ts';

/** Raw RGB of a rectangle this large takes 300 MB. */
const maxRegionPixels = 100_000_000;

/** Opens a slide by its content, or refuses it with a Problem that says why. Close it when done. */
export async function openSlide(path: string): Promise<SlideFile> {
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
    const derived = finest ? await derivedMpp(finest) : { mpp: null, quirks: [] };
    const make = (await directories[0]?.text(tag.make)) || null;
    return new SlideFile(
      handle,
      probed.levels.map(({ table }) => table),
      {
        reader: 'tiff',
        format: aperio ? 'aperio-svs' : 'generic-tiff',
        vendor: aperio ? 'Aperio' : make,
        objective: aperio?.objective ?? null,
        mppDeclared: aperio?.mpp ?? null,
        mppDerived: derived.mpp,
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

/** An open slide. Levels are counted from the finest (0); x, y, width, height are px of the level. */
export class SlideFile {
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

  /** The stored tile as a complete JPEG, never decoded; edge tiles reach beyond the slide, as stored. */
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

  /** A tile's pixels, for cutting crops: fast DCT, see decodeJpeg. */
  async decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer> {
    return await fastPixels(await this.tile(level, column, row), this.#table(level), into);
  }

  /** Pixels of a rectangle, white outside the slide; accurate DCT, the same pixels as OpenSlide's. */
  async region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer> {
    const table = this.#table(level);
    if (
      !([x, y, width, height].every(Number.isInteger) && width > 0 && height > 0 && width * height <= maxRegionPixels)
    ) {
      throw outside(`${width} × ${height} px at ${x}, ${y}`, `whole numbers, 1 to ${maxRegionPixels} px`);
    }
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

function outside(found: string, expected: string): StromaError {
  return new StromaError(
    { code: 'slide.outside', message: 'There is no such place on the slide.', expected, found },
    404,
  );
}
