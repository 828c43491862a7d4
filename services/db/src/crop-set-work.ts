import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import { spacingOf } from '@stroma/core/units';
import type { Database } from './client.ts';
import { jsonOf } from './runs.ts';

export type CropSetToCut = NonNullable<Awaited<ReturnType<typeof cropSetToCut>>>;

/** A crop set with what cutting it needs of its slide; undefined when it was dropped. */
export async function cropSetToCut(db: Database, id: number) {
  const row = await db
    .selectFrom('cropSet')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .select(['cropSet.id', 'cropSet.slideId', 'cropSet.recipe', 'cropSet.recipeHash', 'cropSet.status'])
    .select(['slide.name', 'slide.objectKey', 'slide.mppX', 'slide.mppY'])
    .where('cropSet.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { mppX, mppY, recipe, ...set } = row;
  return { ...set, spacing0: spacingOf(mppX, mppY), recipe: jsonOf<CropRecipe>(recipe) as CropRecipe };
}

/** False when it was ready or dropped: what is ready stays. */
export async function failCropSet(db: Database, id: number): Promise<boolean> {
  const failed = await db
    .updateTable('cropSet')
    .set({ status: 'failed' })
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .returning('id')
    .executeTakeFirst();
  return failed !== undefined;
}
