import { StromaError } from '@stroma/core/errors';
import type { SlideStructure, StructureLevel } from './slide-structure.ts';

/** An open slide. Levels are counted from the finest (0); x, y, width, height are px of the level. */
export interface SlideFile {
  readonly structure: SlideStructure;
  level(level: number): StructureLevel;
  /** A complete JPEG of a tile, for the viewer; edge tiles may reach beyond the slide, as stored. */
  tile(level: number, column: number, row: number): Promise<Buffer>;
  /** The level's tiles as the file holds them; absent, or undefined, where it does not hold JPEG tiles. */
  storedTiles?(level: number): StoredTiles | undefined;
  /**
   * RGB of a whole tile (tileWidth × tileHeight), for cutting crops; JPEG may be decoded with the fast DCT, up to 8 grey
   * levels away from `region`. `into`, when it is large enough, receives the pixels.
   */
  decodedTile(level: number, column: number, row: number, into?: Buffer): Promise<Buffer>;
  /** RGB of a rectangle, white outside the slide; the same pixels as OpenSlide's. */
  region(level: number, x: number, y: number, width: number, height: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** JPEG tiles that nothing was encoded for. */
export interface StoredTiles {
  /** Complete JPEGs of columns `from` … `to` − 1 of a row, with fewer reads than one by one. */
  read(row: number, from: number, to: number): Promise<Buffer[]>;
}

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Raw RGB of a rectangle this large takes 300 MB. */
const maxRegionPixels = 100_000_000;

export function checkRegion({ x, y, width, height }: Rectangle): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && width > 0 && height > 0 && width * height <= maxRegionPixels) return;
  throw outside(`${width} × ${height} px at ${x}, ${y}`, `whole numbers, 1 to ${maxRegionPixels} px`);
}

export function levelOf({ levels }: SlideStructure, level: number): StructureLevel {
  const found = levels[level];
  if (!found) throw outside(`level ${level}`, `levels 0 to ${levels.length - 1}`);
  return found;
}

export function outside(found: string, expected: string): StromaError {
  return new StromaError(
    { code: 'slide.outside', message: 'There is no such place on the slide.', expected, found },
    404,
  );
}
