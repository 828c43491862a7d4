import { createHash } from 'node:crypto';
import { type CropRecipe, cropRecipe, recipeText } from '@stroma/core/contract/crop-recipe';
import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import { StromaError } from '@stroma/core/errors';
import { sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import { dropPartition } from './crop-partition.ts';
import { runChannel } from './runs.ts';
import type { DB } from './schema.ts';

export interface RequestedCropSet {
  cropSetId: number;
  slideId: string;
  mpp: number;
  /** The tile run that makes it ready, or measures it still; null when it is whole. */
  runId: number | null;
}

/** Of a crop set joined with its slide: ready, but cut at a scale that the slide no longer has. */
export const cropsAreStale = sql<boolean>`(crop_set.status = 'ready' and not coalesce(crops_fit(
  crop_set.size0_x, crop_set.size0_y, crop_set.size_px, crop_set.effective_mpp_x, crop_set.effective_mpp_y, slide.mpp_x, slide.mpp_y), false))`;

/**
 * Crop sets of these slides at these mpp, by mpp, then slide: what is ready stays, what is missing or has failed gets a
 * tile run. One cut while the slide had another mpp is cut again.
 */
export async function requestCropSets(
  db: Database | Transaction<DB>,
  slideIds: readonly string[],
  mpps: readonly number[],
  grid: CropGrid = defaultGrid,
): Promise<RequestedCropSet[]> {
  const wanted = [...new Set(slideIds)];
  const request = async (trx: Transaction<DB>) => {
    await requireSlides(trx, wanted);
    const sets: RequestedCropSet[] = [];
    for (const mpp of new Set(mpps)) sets.push(...(await requestAt(trx, wanted, cropRecipe(mpp, grid))));
    return sets;
  };
  return db.isTransaction ? await request(db as Transaction<DB>) : await db.transaction().execute(request);
}

async function requireSlides(trx: Transaction<DB>, slideIds: readonly string[]): Promise<void> {
  const { known } = await trx
    .selectFrom('slide')
    .select((eb) => eb.fn.countAll<number>().as('known'))
    .where('id', '=', sql<string>`any(${slideIds}::uuid[])`)
    .executeTakeFirstOrThrow();
  if (known === slideIds.length) return;
  throw new StromaError(
    {
      code: 'slide.unknown',
      message: 'Some of the slides do not exist.',
      expected: `${slideIds.length} slides`,
      found: `${known} slides`,
      remedy: 'Load the list of slides again.',
    },
    404,
  );
}

async function requestAt(trx: Transaction<DB>, slideIds: string[], recipe: CropRecipe): Promise<RequestedCropSet[]> {
  const text = recipeText(recipe);
  const hash = createHash('sha256').update(text).digest('hex');
  // Embeddings keep the crops that they were made of; the slide gets others beside them.
  await sql`update crop_set set superseded = true from slide
    where slide.id = slide_id and recipe_hash = ${hash} and slide_id = any(${slideIds}::uuid[]) and not superseded
      and ${cropsAreStale} and exists (select from embedding_set where crop_set_id = crop_set.id)`.execute(trx);
  await sql`insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px)
    select slide_id, ${hash}, ${text}::jsonb, ${recipe.mpp}, ${recipe.sizePx}, ${recipe.stridePx}
    from unnest(${slideIds}::uuid[]) as slide_id
    on conflict (slide_id, recipe_hash) where not superseded do nothing`.execute(trx);
  const sets = await trx
    .selectFrom('cropSet')
    .innerJoin('slide', 'slide.id', 'cropSet.slideId')
    .select(['cropSet.id', 'cropSet.slideId', 'cropSet.status'])
    .select(cropsAreStale.as('stale'))
    .where('cropSet.recipeHash', '=', hash)
    .where('cropSet.superseded', '=', false)
    .where('cropSet.slideId', '=', sql<string>`any(${slideIds}::uuid[])`)
    .orderBy('cropSet.id')
    .forUpdate('cropSet')
    .execute();
  for (const set of sets) if (set.stale) await discardCrops(trx, set.id);
  const unmade = new Set(sets.filter((set) => set.status !== 'ready' || set.stale).map((set) => set.id));
  const runs = await tileRuns(trx, sets, unmade);
  return sets.map((set) => ({
    cropSetId: set.id,
    slideId: set.slideId,
    mpp: recipe.mpp,
    runId: runs.get(set.id) ?? null,
  }));
}

/** Open tile runs of these crop sets, a ready one's being measured still; those unmade and without one get a new one. */
async function tileRuns(
  trx: Transaction<DB>,
  sets: readonly { id: number; slideId: string }[],
  unmade: ReadonlySet<number>,
): Promise<Map<number, number>> {
  const ids = sets.map((set) => set.id);
  const slideIds = sets.map((set) => set.slideId);
  const open = await sql<{ id: number; set: number }>`select id, (config->>'cropSetId')::int as set from run
    where stage = 'tile' and status in ('queued', 'running') and slide_id = any(${slideIds}::uuid[])
      and (config->>'cropSetId')::int = any(${ids}::int[])`.execute(trx);
  const runs = new Map(open.rows.map((run) => [run.set, run.id]));
  const without = sets.filter((set) => unmade.has(set.id) && !runs.has(set.id));
  if (without.length === 0) return runs;
  const fresh = await sql<{ id: number; set: number }>`insert into run (stage, slide_id, config)
    select 'tile', slide_id, jsonb_build_object('cropSetId', crop_set_id)
    from unnest(${without.map((set) => set.slideId)}::uuid[], ${without.map((set) => set.id)}::int[])
      as wanted (slide_id, crop_set_id) order by crop_set_id
    returning id, (config->>'cropSetId')::int as set`.execute(trx);
  for (const run of fresh.rows) runs.set(run.set, run.id);
  await trx
    .updateTable('cropSet')
    .set({ status: 'queued' })
    .where('id', '=', sql<number>`any(${without.map((set) => set.id)}::int[])`)
    .execute();
  const announced = fresh.rows.map((run) => String(run.id));
  await sql`select pg_notify(${runChannel}, id) from unnest(${announced}::text[]) as id`.execute(trx);
  return runs;
}

/** Takes a crop set away with its crops, and returns the keys of its shards, which the caller removes afterwards. */
export async function dropCropSet(db: Database, id: number): Promise<string[]> {
  return await db.transaction().execute(async (trx) => {
    const keys = await discardCrops(trx, id);
    await trx.deleteFrom('cropSet').where('id', '=', id).execute();
    return keys;
  });
}

async function discardCrops(trx: Transaction<DB>, id: number): Promise<string[]> {
  const used = await trx.selectFrom('embeddingSet').select('id').where('cropSetId', '=', id).limit(1).execute();
  if (used.length > 0) {
    throw new StromaError(
      {
        code: 'crop_set.in_use',
        message: 'These crops cannot be replaced: embeddings were computed from them.',
        expected: 'a crop set without embeddings',
        where: `crop set ${id}`,
        remedy: 'Set the slide’s resolution back, or delete the job that used these crops.',
      },
      409,
    );
  }
  await dropPartition(trx, id);
  const shards = await trx.deleteFrom('shard').where('cropSetId', '=', id).returning('objectKey').execute();
  return shards.map((shard) => shard.objectKey);
}
