import { type Static, Type } from 'typebox';

/** How crops are cut; its hash with the code identity names a crop set. */
export const CropRecipe = Type.Object({
  mpp: Type.Number({ minimum: 0.05, maximum: 50 }),
  sizePx: Type.Literal(256),
  /** Distance between crops at the crop's own mpp; equal to sizePx for a grid without overlap. */
  stridePx: Type.Literal(256),
  /** A crop is kept when at least this share of it is tissue. */
  minTissueFraction: Type.Number({ minimum: 0, maximum: 1 }),
  /** Identity of the code that finds tissue and cuts crops; raised when its pixels change. */
  code: Type.String(),
});
export type CropRecipe = Static<typeof CropRecipe>;

export const cropCode = 'crop-1';

export function cropRecipe(mpp: number, minTissueFraction = 0.5): CropRecipe {
  return { mpp, sizePx: 256, stridePx: 256, minTissueFraction, code: cropCode };
}

/** The same recipe always gives the same text: keys sorted, no spaces. Its SHA-256 is the recipe hash. */
export function recipeText(recipe: CropRecipe): string {
  return JSON.stringify(recipe, Object.keys(recipe).sort());
}
