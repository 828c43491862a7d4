import { type Static, Type } from 'typebox';
import { type CropGrid, defaultGrid } from '../crop-grid.ts';

export const CropMpp = Type.Number({ minimum: 0.05, maximum: 50 });
/** Side of a crop at its own mpp. Encoders see 224 to 512 px; beyond 1024 a crop is a region. */
export const CropSize = Type.Integer({ minimum: 64, maximum: 1024 });
/** Distance between crops at their own mpp. */
export const CropStride = Type.Integer({ minimum: 1, maximum: 1024 });

/** How crops are cut; its hash with the code identity names a crop set. */
export const CropRecipe = Type.Object({
  mpp: CropMpp,
  sizePx: CropSize,
  /** At most sizePx; what is missing to it is the overlap of neighbours. */
  stridePx: CropStride,
  /**
   * A crop is cut when at least this share of it is tissue: low on purpose, since which of the cut crops are used is a
   * selection (crop-selection.ts), which changes without cutting again.
   */
  minTissueFraction: Type.Number({ minimum: 0, maximum: 1 }),
  /** Identity of the code that finds tissue, measures and cuts crops; raised when what it makes changes. */
  code: Type.String(),
});
export type CropRecipe = Static<typeof CropRecipe>;

export const cropCode = 'crop-3';

export function cropRecipe(mpp: number, { sizePx, stridePx }: CropGrid = defaultGrid): CropRecipe {
  return { mpp, sizePx, stridePx, minTissueFraction: 0.1, code: cropCode };
}

/** The same recipe always gives the same text: keys sorted, no spaces. Its SHA-256 is the recipe hash. */
export function recipeText(recipe: CropRecipe): string {
  return JSON.stringify(recipe, Object.keys(recipe).sort());
}
