import type { Mpp } from '../units.ts';

/** One level of a slide's pyramid; level 0 is full resolution. downsample = level-0 px per level px. */
export interface Level {
  level: number;
  width: number;
  height: number;
  downsample: number;
}

/** A level may be enlarged by at most this factor to reach a crop's mpp; beyond it detail would be invented. */
export const maxUpsample = 1.1;
/** Below this relative difference a level is taken as it is: 1 % of 256 px is 2.6 px. */
export const sameScaleTolerance = 0.01;

export interface ScaleChoice {
  level: Level;
  /** Level px per crop px: 1 = cut as stored, 2 = halve, 0.95 = enlarge a little. */
  scale: number;
}

/**
 * The coarsest level that is at least as fine as the wanted mpp, so that resampling only ever shrinks; level 0
 * when the slide itself is coarser. Undefined when even level 0 would have to be enlarged beyond maxUpsample.
 */
export function chooseLevel(levels: readonly Level[], mpp0: Mpp, wanted: Mpp): ScaleChoice | undefined {
  const finestFirst = [...levels].sort((a, b) => a.downsample - b.downsample);
  const finest = finestFirst[0];
  if (!finest) return undefined;
  const fits = finestFirst.filter((level) => wanted / (mpp0 * level.downsample) >= 1 - sameScaleTolerance);
  const level = fits.at(-1) ?? finest;
  const ratio = wanted / (mpp0 * level.downsample);
  if (ratio < 1 / maxUpsample) return undefined;
  return { level, scale: Math.abs(ratio - 1) <= sameScaleTolerance ? 1 : ratio };
}

/** Top-left corners of a row-major grid of whole squares of side size0 from (0, 0), in level-0 px. */
export function* grid(
  width0: number,
  height0: number,
  size0: number,
  stride0: number,
): Generator<{ x0: number; y0: number }> {
  for (let row = 0; row * stride0 + size0 <= height0; row += 1) {
    for (let column = 0; column * stride0 + size0 <= width0; column += 1) {
      yield { x0: Math.round(column * stride0), y0: Math.round(row * stride0) };
    }
  }
}
