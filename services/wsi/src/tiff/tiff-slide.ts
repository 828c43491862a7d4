import { type FileHandle, open } from 'node:fs/promises';
import { checkRegion, outside, type Rectangle, type SlideFile, type StoredTiles } from '../slide-file.ts';
import { type SlideStructure, type StructureLevel, structureLevels } from '../slide-structure.ts';
import { readDirectories } from './file.ts';
import { readImages } from './images.ts';
import { drawRegion } from './level-region.ts';
import type { LevelTiles } from './level-tiles.ts';
import { openLevel } from './open-level.ts';
import { probeLevels } from './probe.ts';
import { finestImage } from './pyramid.ts';
import { derivedSpacing } from './resolution.ts';
import { readParts } from './slide-parts.ts';
import { tag } from './tags.ts';
import { kindOf } from './tiff-kind.ts';
import { placed } from './tile-place.ts';
import { readTileTable } from './tile-table.ts';
import { withoutPadding } from './without-padding.ts';

/** Opens a TIFF of any kind that tiffKind gives to this reader, or refuses it with a Problem that says why. */
export async function openTiffSlide(path: string): Promise<SlideFile> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const directories = await readDirectories(handle, size);
    const images = await readImages(directories);
    const { format, vendor } = await kindOf(directories, images);
    const finest = finestImage(images);
    const { header, pyramid, downsamples, associated } = await readParts(format, directories[0], images, finest);
    const tables = [];
    for (const { directory, layout } of pyramid.levels) {
      tables.push({ ifd: directory.index, table: await readTileTable(directory, layout, size) });
    }
    const probed = await probeLevels(handle, downsamples ? withoutPadding(tables, downsamples) : tables);
    const derived = await derivedSpacing(finest.directory);
    const levels = probed.levels.map(({ ifd, table }) => ({ ifd, table, tiles: openLevel(handle, table) }));
    return new TiffSlide(
      handle,
      levels.map(({ tiles }) => tiles),
      {
        reader: 'tiff',
        format,
        vendor: vendor ?? ((await directories[0]?.text(tag.make)) || null),
        objective: header.objective,
        mppDeclared: header.mpp,
        mppDerived: derived.spacing,
        levels: structureLevels(levels),
        quirks: [...pyramid.quirks, ...header.quirks, ...derived.quirks, ...probed.quirks],
        associated,
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
  readonly #levels: LevelTiles[];

  constructor(handle: FileHandle, levels: LevelTiles[], structure: SlideStructure) {
    this.#handle = handle;
    this.#levels = levels;
    this.structure = structure;
  }

  level(level: number): StructureLevel {
    const found = this.structure.levels[level];
    if (!found) throw outside(`level ${level}`, `levels 0 to ${this.structure.levels.length - 1}`);
    return found;
  }

  /** JPEG tiles are passed through as stored, never decoded. */
  async tile(level: number, column: number, row: number): Promise<Buffer> {
    const tiles = this.#tiles(level, column, row);
    return await placed(tiles.jpeg(column, row), level, column, row);
  }

  storedTiles(level: number): StoredTiles | undefined {
    return this.#levels[level]?.stored;
  }

  async decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer> {
    const tiles = this.#tiles(level, column, row);
    return await placed(tiles.fast(column, row, into), level, column, row);
  }

  async region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer> {
    const rectangle: Rectangle = { x, y, width, height };
    checkRegion(rectangle);
    return await drawRegion(this.level(level), rectangle, async (column, row) => {
      const tiles = this.#tiles(level, column, row);
      return await placed(tiles.accurate(column, row), level, column, row);
    });
  }

  async close(): Promise<void> {
    for (const tiles of this.#levels) tiles.close();
    await this.#handle.close();
  }

  #tiles(level: number, column: number, row: number): LevelTiles {
    const tiles = this.#levels[level];
    if (!tiles) throw outside(`level ${level}`, `levels 0 to ${this.#levels.length - 1}`);
    const { across, down } = tiles;
    if (
      !(Number.isInteger(column) && Number.isInteger(row) && column >= 0 && row >= 0 && column < across && row < down)
    ) {
      throw outside(`column ${column}, row ${row} of level ${level}`, `${across} × ${down} tiles`);
    }
    return tiles;
  }
}
