import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import { StromaError } from '@stroma/core/errors';
import { chooseLevel, grid, maxUpsample } from '@stroma/core/geometry/pyramid';
import { geometryLevel, type SlideStructure } from '@stroma/wsi/slide-structure';

/** Where a crop is read: a square of the level, in level px. */
export interface PlannedCrop {
  /** Level-0 px of the top-left corner. */
  x0: number;
  y0: number;
  tissueFraction: number;
  left: number;
  top: number;
}

export interface CropPlan {
  level: number;
  /** Side of the square that is read, in level px; resampled when it is not the crop's size. */
  sidePx: number;
  /** Side of a crop in level-0 px. */
  size0: number;
  /** Row by row from (0, 0). */
  crops: PlannedCrop[];
}

export interface Scale {
  level: number;
  sidePx: number;
  size0: number;
}

/** The level and the sizes that a recipe comes to on this slide, or why it cannot be cut. */
export function planScale(structure: SlideStructure, mpp0: number | null, recipe: CropRecipe, name: string): Scale {
  if (mpp0 === null) {
    throw new StromaError({
      code: 'slide.mpp_unknown',
      message: 'The slide’s resolution is not known, so crops of a stated size cannot be cut.',
      expected: 'µm/px of the slide',
      found: 'none in the file, none entered',
      where: name,
      remedy: 'Enter µm/px on the slide’s page, then cut the crops again.',
    });
  }
  const choice = chooseLevel(structure.levels.map(geometryLevel), mpp0, recipe.mpp);
  if (!choice) {
    throw new StromaError({
      code: 'crop_set.too_fine',
      message: 'The slide was scanned too coarsely for these crops: detail would have to be invented.',
      expected: `crops of at least ${(mpp0 / maxUpsample).toFixed(3)} µm/px`,
      found: `${recipe.mpp} µm/px wanted, the slide has ${mpp0} µm/px`,
      where: name,
      remedy: 'Choose a coarser resolution, or leave the slide out.',
    });
  }
  return {
    level: choice.level.level,
    sidePx: Math.round(recipe.sizePx * choice.scale),
    size0: (recipe.sizePx * recipe.mpp) / mpp0,
  };
}

/** Every crop of the grid that holds enough tissue. */
export function planCrops(
  structure: SlideStructure,
  { level, sidePx, size0 }: Scale,
  recipe: CropRecipe,
  tissueFractionOf: (x0: number, y0: number, size0: number) => number,
): CropPlan {
  const finest = structure.levels[0];
  const source = structure.levels[level];
  if (!finest || !source) throw new RangeError(`the slide has no level ${level}`);
  const stride0 = (size0 * recipe.stridePx) / recipe.sizePx;
  const crops: PlannedCrop[] = [];
  for (const { x0, y0 } of grid(finest.width, finest.height, size0, stride0)) {
    const tissueFraction = tissueFractionOf(x0, y0, size0);
    if (tissueFraction < recipe.minTissueFraction) continue;
    // Rounding can reach a pixel beyond the level's edge.
    const left = Math.max(0, Math.min(Math.round(x0 / source.downsampleX), source.width - sidePx));
    const top = Math.max(0, Math.min(Math.round(y0 / source.downsampleY), source.height - sidePx));
    crops.push({ x0, y0, tissueFraction, left, top });
  }
  return { level, sidePx, size0, crops };
}
