import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import { StromaError } from '@stroma/core/errors';
import type { RunProgress } from '@stroma/core/http/job';
import type { Connection } from '@stroma/db/client';
import { storeCropSet } from '@stroma/db/crop-partition';
import { cropSetToCut, failCropSet } from '@stroma/db/crop-set-work';
import { LeaseLost } from '@stroma/db/runs';
import type { Handler } from '@stroma/db/worker';
import type { ObjectStore } from '@stroma/storage/object-store';
import { planCrops, planScale } from '@stroma/wsi/crop-plan';
import { openSlide } from '@stroma/wsi/open-slide';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { findTissue } from '@stroma/wsi/tissue-mask';
import { cutCrops } from './cut-crops.ts';
import { ShardWriter } from './shard-writer.ts';
import { stepLog } from './step-log.ts';
import { TileWindow } from './tile-window.ts';

export interface TileOptions {
  connection: Connection;
  store: ObjectStore;
  log(message: string): void;
}

/** slide → crop set: shards first, then all rows and the run's end in one transaction. Done twice it gives the same. */
export function tileHandler({ connection, store, log }: TileOptions): Handler {
  return async ({ run, lease, signal, report }) => {
    const { cropSetId } = run.config as { cropSetId: number };
    const step = stepLog(run.id, log);
    try {
      const set = await cropSetToCut(connection.db, cropSetId);
      if (!set) throw noCropSet(cropSetId);
      const slide = await openSlide(store.localPath(set.objectKey));
      try {
        const cut = await step('cut', () => cutSlide(slide, set, store, signal, report));
        await step('store', () => storeCropSet(connection, lease, { id: cropSetId, ...cut.set }, cut.result));
        await removeOtherShards(store, folderOf(cropSetId), new Set(cut.set.shards.map((shard) => shard.objectKey)));
        log(`run ${run.id} ${set.name} at ${set.recipe.mpp} µm/px: ${JSON.stringify(cut.result)}`);
      } finally {
        await slide.close();
      }
    } catch (error) {
      // Stopped or lost: another worker goes on, and writes the same keys.
      const goesOn = error instanceof LeaseLost || (signal.aborted && signal.reason !== 'cancelled');
      const failed = !goesOn && (await failCropSet(connection.db, cropSetId));
      if (failed) await removeOtherShards(store, folderOf(cropSetId), new Set());
      throw error;
    }
  };
}

export interface SlideToCut {
  id: number;
  slideId: string;
  name: string;
  mpp0: number | null;
  recipe: CropRecipe;
}

export async function cutSlide(
  slide: SlideFile,
  { id, slideId, name, mpp0, recipe }: SlideToCut,
  store: ObjectStore,
  signal: AbortSignal,
  report: (progress: RunProgress) => void,
) {
  const scale = planScale(slide.structure, mpp0 === null ? null : { x: mpp0, y: mpp0 }, recipe, name);
  const tissue = await findTissue(slide, mpp0);
  const plan = planCrops(slide.structure, scale, recipe, tissue.sharesOf);
  const window = new TileWindow(slide, plan);
  const context = { slide_id: slideId, slide_name: name, size0: plan.size0.x, mpp: recipe.mpp };
  const writer = new ShardWriter(store, folderOf(id), context);
  const startedAt = performance.now();
  let skippedCrops = 0;
  try {
    for await (const crop of cutCrops(window, plan, recipe.sizePx, signal)) {
      if (crop) await writer.add(crop);
      else skippedCrops += 1;
      const ratePerS = (1000 * writer.crops.length) / (performance.now() - startedAt);
      report({ phase: 'cut', done: writer.crops.length, total: plan.crops.length, unit: 'crop', ratePerS });
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const { crops, shards } = writer;
  return {
    set: { size0: plan.size0.x, sourceLevel: plan.level, tissueFraction: tissue.fraction, crops, shards },
    result: {
      crops: crops.length,
      skippedCrops,
      unreadableTiles: Math.max(window.unreadableTiles, tissue.unreadableTiles),
      decodedTiles: window.decodedTiles,
      seconds: Number(((performance.now() - startedAt) / 1000).toFixed(3)),
    },
  };
}

function folderOf(cropSetId: number): string {
  return `crops/${cropSetId}`;
}

/** An earlier cut of the same crop set may have had more shards. */
async function removeOtherShards(store: ObjectStore, folder: string, kept: ReadonlySet<string>): Promise<void> {
  for await (const key of store.list(folder)) if (!kept.has(key)) await store.remove(key);
}

function noCropSet(id: number): StromaError {
  return new StromaError({
    code: 'crop_set.unknown',
    message: 'The crop set was dropped before it was cut.',
    where: `crop set ${id}`,
    remedy: 'Cut the crops again.',
  });
}
