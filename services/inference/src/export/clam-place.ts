import { StromaError } from '@stroma/core/errors';
import type { ClamPlace } from './clam-files.ts';

export interface SlideLevelRow {
  level: number;
  width: number;
  height: number;
  downsampleX: number;
  downsampleY: number;
}

/** A level's scale may be off by so much and still count as the crop's: 1 % of 256 px is 2.6 px. */
const tolerance = 0.01;

/** A crop set's crops as CLAM has to be told of them. */
export interface ClamCrops {
  slideName: string;
  sizePx: number;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
}

/**
 * How CLAM's reader gets the crop's own pixels: from the level that has just this scale, else from level 0 with the
 * nearest whole custom_downsample. CLAM reads squares only.
 */
export function clamPlace(crops: ClamCrops, levels: readonly SlideLevelRow[]): ClamPlace {
  const { sizePx, size0X, size0Y } = crops;
  if (Math.abs(size0X / size0Y - 1) > tolerance) throw notSquare(crops);
  const scale = size0X / sizePx;
  const exact = levels.find((level) => Math.abs(level.downsampleX / scale - 1) <= tolerance);
  const level = exact ?? levels.find(({ level }) => level === 0);
  return {
    patchSize: exact ? sizePx : Math.round(size0X),
    patchLevel: level?.level ?? 0,
    customDownsample: exact ? 1 : Math.max(1, Math.round(scale)),
    levelDownsample: [level?.downsampleX ?? 1, level?.downsampleY ?? 1],
    levelSize: [level?.width ?? 0, level?.height ?? 0],
  };
}

function notSquare({ slideName, size0X, size0Y }: ClamCrops): StromaError {
  return new StromaError({
    code: 'export.clam_square',
    message: 'CLAM’s layout cannot say where these crops lie: the slide’s pixels are not square.',
    expected: 'crops that are square in level-0 px',
    found: `${size0X.toFixed(1)} × ${size0Y.toFixed(1)} px`,
    where: slideName,
    remedy: 'Export as Parquet, which states both sides.',
  });
}
