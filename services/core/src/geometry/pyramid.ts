import type { Mpp, PixelSpacing } from '../units.ts';

/** One level of a slide's pyramid; level 0 is full resolution. downsample = level-0 px per level px. */
export interface Level {
  level: number;
  width: number;
  height: number;
  downsampleX: number;
  downsampleY: number;
}

/** A level may be enlarged by at most this factor to reach a crop's mpp; beyond it detail would be invented. */
export const maxUpsample = 1.1;
/** Below this relative difference a level is taken as it is: 1 % of 256 px is 2.6 px. */
export const sameScaleTolerance = 0.01;

export interface ScaleChoice<L extends Level = Level> {
  level: L;
  /** Level px per crop px along each axis: 1 = cut as stored, 2 = halve, 0.95 = enlarge a little. */
  scaleX: number;
  scaleY: number;
}

/**
 * The coarsest level that is at least as fine as the wanted mpp along both axes, so that resampling only ever shrinks;
 * level 0 when the slide itself is coarser. Undefined when even level 0 would have to be enlarged beyond maxUpsample.
 */
export function chooseLevel<L extends Level>(
  levels: readonly L[],
  spacing0: PixelSpacing,
  wanted: Mpp,
): ScaleChoice<L> | undefined {
  const finestFirst = [...levels].sort((a, b) => a.downsampleX - b.downsampleX);
  const ratios = finestFirst.map((level) => {
    const spacing = levelSpacing(level, spacing0);
    return { level, scaleX: wanted / spacing.x, scaleY: wanted / spacing.y };
  });
  const fits = ratios.filter(({ scaleX, scaleY }) => Math.min(scaleX, scaleY) >= 1 - sameScaleTolerance);
  const choice = fits.at(-1) ?? ratios[0];
  if (!choice || Math.min(choice.scaleX, choice.scaleY) < 1 / maxUpsample) return undefined;
  const asStored = [choice.scaleX, choice.scaleY].every((scale) => Math.abs(scale - 1) <= sameScaleTolerance);
  return asStored ? { level: choice.level, scaleX: 1, scaleY: 1 } : choice;
}

/** µm/px of a level; a downsample that is no whole number is taken as it is. */
export function levelSpacing({ downsampleX, downsampleY }: Level, spacing0: PixelSpacing): PixelSpacing {
  return { x: spacing0.x * downsampleX, y: spacing0.y * downsampleY };
}

/** A length along each axis, in level-0 px. */
export interface Extent0 {
  x: number;
  y: number;
}

/** Top-left corners of a row-major grid of whole rectangles of sides size0 from (0, 0), in level-0 px. */
export function* grid(
  width0: number,
  height0: number,
  size0: Extent0,
  stride0: Extent0,
): Generator<{ x0: number; y0: number }> {
  for (let row = 0; row * stride0.y + size0.y <= height0; row += 1) {
    for (let column = 0; column * stride0.x + size0.x <= width0; column += 1) {
      yield { x0: Math.round(column * stride0.x), y0: Math.round(row * stride0.y) };
    }
  }
}
