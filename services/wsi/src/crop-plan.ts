import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import { StromaError } from '@stroma/core/errors';
import { chooseLevel, type Extent0, grid, levelSpacing, maxUpsample } from '@stroma/core/geometry/pyramid';
import { spacingDifference, spacingTolerance } from '@stroma/core/geometry/spacing';
import { type PixelSpacing, spacingLabel } from '@stroma/core/units';
import type { SlideStructure } from './slide-structure.ts';
import type { TissueShares } from './tissue-mask.ts';

/** Where a crop is read: a rectangle of the level, in level px. */
export interface PlannedCrop {
  /** Level-0 px of the top-left corner. */
  x0: number;
  y0: number;
  tissueFraction: number;
  /** Share of the crop that is folded tissue. */
  fold: number;
  left: number;
  top: number;
}

/** What a recipe comes to on a slide. */
export interface Scale {
  level: number;
  /** The rectangle that is read, in level px; resampled when it is not the crop's size. Not square where px are not. */
  readWidth: number;
  readHeight: number;
  /** Sides of what is read, in level-0 px: neighbours of a grid without overlap touch, whatever was rounded. */
  size0: Extent0;
  /** µm/px of the crops that come of it, after choosing a level and rounding to whole px. */
  effective: PixelSpacing;
}

export interface CropPlan extends Scale {
  /** Row by row from (0, 0). */
  crops: PlannedCrop[];
}

/** Places of one slide that are looked at, some seconds' worth, and crops that are planned: 200 MB. */
const maxPlaces = 20_000_000;
const maxCrops = 2_000_000;
/** Side of the largest rectangle that is read for one crop, in level px: 50 MB of RGB. */
const maxReadPx = 4096;

/** The level and the sizes that a recipe comes to on this slide, or why it cannot be cut. */
export function planScale(
  structure: SlideStructure,
  spacing0: PixelSpacing | null,
  recipe: CropRecipe,
  name: string,
): Scale {
  if (spacing0 === null) throw unknownScale(name);
  const choice = chooseLevel(structure.levels, spacing0, recipe.mpp);
  if (!choice) throw tooFine(spacing0, recipe, name);
  const { level, scaleX, scaleY } = choice;
  const readWidth = Math.round(recipe.sizePx * scaleX);
  const readHeight = Math.round(recipe.sizePx * scaleY);
  if (Math.max(readWidth, readHeight) > maxReadPx) throw tooCoarse(Math.max(readWidth, readHeight), recipe, name);
  const spacing = levelSpacing(level, spacing0);
  const effective = {
    x: (spacing.x * readWidth) / recipe.sizePx,
    y: (spacing.y * readHeight) / recipe.sizePx,
  };
  if (spacingDifference(effective, { x: recipe.mpp, y: recipe.mpp }) > spacingTolerance) {
    throw mislabelled(effective, recipe, name);
  }
  const size0 = { x: readWidth * level.downsampleX, y: readHeight * level.downsampleY };
  return { level: level.level, readWidth, readHeight, size0, effective };
}

/** Every crop of the grid that holds enough tissue. */
export function planCrops(
  structure: SlideStructure,
  scale: Scale,
  recipe: CropRecipe,
  tissueOf: (x0: number, y0: number, size0X: number, size0Y: number) => TissueShares,
): CropPlan {
  const { level, readWidth, readHeight, size0 } = scale;
  const finest = structure.levels[0];
  const source = structure.levels[level];
  if (!finest || !source) throw new RangeError(`the slide has no level ${level}`);
  const strides = recipe.stridePx / recipe.sizePx;
  const stride0 = { x: size0.x * strides, y: size0.y * strides };
  requirePlaces(finest, size0, stride0, recipe);
  const crops: PlannedCrop[] = [];
  for (const { x0, y0 } of grid(finest.width, finest.height, size0, stride0)) {
    const { tissueFraction, fold } = tissueOf(x0, y0, size0.x, size0.y);
    if (tissueFraction < recipe.minTissueFraction) continue;
    // Rounding can reach a pixel beyond the level's edge.
    const left = Math.max(0, Math.min(Math.round(x0 / source.downsampleX), source.width - readWidth));
    const top = Math.max(0, Math.min(Math.round(y0 / source.downsampleY), source.height - readHeight));
    if (crops.length === maxCrops) throw tooMany(`more than ${maxCrops}`, recipe);
    crops.push({ x0, y0, tissueFraction, fold, left, top });
  }
  return { ...scale, crops };
}

/** A small stride on a large slide: counted before anything is planned. */
function requirePlaces(slide: { width: number; height: number }, size0: Extent0, stride0: Extent0, recipe: CropRecipe) {
  const along = (length: number, size: number, stride: number) => Math.max(0, Math.floor((length - size) / stride) + 1);
  const places = along(slide.width, size0.x, stride0.x) * along(slide.height, size0.y, stride0.y);
  if (places > maxPlaces) throw tooMany(`${places} places`, recipe);
}

function tooMany(found: string, recipe: CropRecipe): StromaError {
  return new StromaError({
    code: 'crop_set.too_many',
    message: 'These crops overlap so much that the slide would give more of them than can be kept.',
    expected: `at most ${maxPlaces} places and ${maxCrops} crops with tissue a slide`,
    found: `${found} at a stride of ${recipe.stridePx} px`,
    remedy: 'Choose a larger stride or coarser crops.',
  });
}

function unknownScale(name: string): StromaError {
  return new StromaError({
    code: 'slide.mpp_unknown',
    message: 'The slide’s resolution is not settled, so crops of a stated size cannot be cut.',
    expected: 'µm/px of the slide, from its file or a person',
    found: 'none, or two that contradict each other',
    where: name,
    remedy: 'Choose or enter µm/px on the slide’s page, then cut the crops again.',
  });
}

function tooFine(spacing0: PixelSpacing, recipe: CropRecipe, name: string): StromaError {
  return new StromaError({
    code: 'crop_set.too_fine',
    message: 'The slide was scanned too coarsely for these crops: detail would have to be invented.',
    expected: `crops of at least ${(Math.max(spacing0.x, spacing0.y) / maxUpsample).toFixed(3)} µm/px`,
    found: `${recipe.mpp} µm/px wanted, the slide has ${spacingLabel(spacing0, 4)}`,
    where: name,
    remedy: 'Choose a coarser resolution, or leave the slide out.',
  });
}

function tooCoarse(readPx: number, recipe: CropRecipe, name: string): StromaError {
  return new StromaError({
    code: 'crop_set.too_coarse',
    message: 'The slide has no level that is near these crops’ resolution, so each would be read from too many pixels.',
    expected: `at most ${maxReadPx} px of a level along a crop’s side`,
    found: `${readPx} px at ${recipe.mpp} µm/px`,
    where: name,
    remedy: 'Choose finer crops, or store the slide with a pyramid of levels.',
  });
}

function mislabelled(effective: PixelSpacing, recipe: CropRecipe, name: string): StromaError {
  return new StromaError({
    code: 'crop_set.spacing',
    message: 'Rounded to whole pixels, these crops would not have the resolution that they are labelled with.',
    expected: `${recipe.mpp} µm/px within ${100 * spacingTolerance} %`,
    found: spacingLabel(effective, 4),
    where: name,
    remedy: 'Choose larger crops.',
  });
}
