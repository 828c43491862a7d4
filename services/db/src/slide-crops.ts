import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { Database } from './client.ts';
import type { UsedCropSet } from './cohort-crops.ts';
import { isSelected } from './crop-selection.ts';
import { cropsAreStale } from './crop-sets.ts';

/** A ready crop set by itself, whether or not its slide is in a cohort; undefined when it was dropped. */
export async function usedCropSet(
  db: Database,
  cropSetId: number,
  selection: CropSelection,
): Promise<UsedCropSet | undefined> {
  const row = await db
    .selectFrom('cropSet')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .select(['cropSet.id as cropSetId', 'slide.id as slideId', 'slide.name as slideName'])
    .select(['slide.sha256 as slideSha256', 'cropSet.mpp', 'cropSet.sizePx', 'cropSet.size0X', 'cropSet.size0Y'])
    .select(['cropSet.cropCount as cutCount', 'cropSet.recipe', cropsAreStale.as('stale')])
    .select((eb) =>
      eb
        .selectFrom('crop')
        .select((count) => count.fn.countAll<number>().as('count'))
        .where('crop.cropSetId', '=', cropSetId)
        .where(isSelected(selection))
        .$asScalar()
        .$notNull()
        .as('cropCount'),
    )
    .where('cropSet.id', '=', cropSetId)
    .where('cropSet.status', '=', 'ready')
    .executeTakeFirst();
  if (!row) return undefined;
  const { size0X, size0Y, cutCount, recipe, ...set } = row;
  return {
    ...set,
    size0X: size0X ?? 0,
    size0Y: size0Y ?? 0,
    cutCount: cutCount ?? 0,
    recipe: recipe as unknown as CropRecipe,
    selection,
  };
}
