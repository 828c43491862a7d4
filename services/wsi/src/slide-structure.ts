import type { Level } from '@stroma/core/geometry/pyramid';
import type { PixelSpacing } from '@stroma/core/units';
import { compressionName } from './tiff/tags.ts';
import type { TileTable } from './tiff/tile-table.ts';

export interface StructureLevel extends Level {
  /** Index of the image directory in the file. */
  ifd: number;
  tileWidth: number;
  tileHeight: number;
  /** Of the stored tiles, as a person would call it. */
  compression: string;
}

/** What a slide file says about itself. */
export interface SlideStructure {
  /** Chosen once, by content; there is no silent fallback to another. */
  reader: 'tiff' | 'openslide';
  /** E.g. generic-tiff, aperio-svs. */
  format: string;
  vendor: string | null;
  objective: number | null;
  /** At level 0, from the vendor's header; from tags such as the resolution tags. */
  mppDeclared: PixelSpacing | null;
  mppDerived: PixelSpacing | null;
  levels: StructureLevel[];
  quirks: string[];
  /** Images of the file that are never served: they can show the patient's name. */
  associated: string[];
}

/** Of a TIFF's levels, finest first; strips are cut into display tiles of another size than what is stored. */
export function structureLevels(
  levels: { ifd: number; table: TileTable; tiles: { tileWidth: number; tileHeight: number } }[],
): StructureLevel[] {
  const finest = levels[0]?.table;
  if (!finest) return [];
  return levels.map(({ ifd, table, tiles }, level) => ({
    level,
    ifd,
    width: table.width,
    height: table.height,
    tileWidth: tiles.tileWidth,
    tileHeight: tiles.tileHeight,
    compression: compressionName(table.layout.compression).toLowerCase(),
    ...downsample(finest, table),
  }));
}

/**
 * Writers halve and round: when one whole number explains both sides within a pixel it is the true downsample, and the
 * quotient of the sides would drift by up to a pixel across the slide.
 */
function downsample(finest: TileTable, level: TileTable): { downsampleX: number; downsampleY: number } {
  const x = finest.width / level.width;
  const y = finest.height / level.height;
  for (const whole of [Math.round(x), Math.round(y), Math.floor(x), Math.floor(y)]) {
    const fits = Math.abs(finest.width / whole - level.width) < 1 && Math.abs(finest.height / whole - level.height) < 1;
    if (fits) return { downsampleX: whole, downsampleY: whole };
  }
  return { downsampleX: x, downsampleY: y };
}
