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

/**
 * How CLAM's reader gets the crop's own pixels: from the level that has just this scale, else from level 0 with the
 * nearest whole custom_downsample.
 */
export function clamPlace(sizePx: number, size0: number, levels: readonly SlideLevelRow[]): ClamPlace {
  const scale = size0 / sizePx;
  const exact = levels.find((level) => Math.abs(level.downsampleX / scale - 1) <= tolerance);
  const level = exact ?? levels.find(({ level }) => level === 0);
  return {
    patchSize: exact ? sizePx : Math.round(size0),
    patchLevel: level?.level ?? 0,
    customDownsample: exact ? 1 : Math.max(1, Math.round(scale)),
    levelDownsample: [level?.downsampleX ?? 1, level?.downsampleY ?? 1],
    levelSize: [level?.width ?? 0, level?.height ?? 0],
  };
}
