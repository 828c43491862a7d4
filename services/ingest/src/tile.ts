import { StromaError } from '@stroma/core/errors';
import type { Connection } from '@stroma/db/client';
import { storeCropSet } from '@stroma/db/crop-partition';
import { CropRows } from '@stroma/db/crop-rows';
import { type CropSetToCut, cropSetToCut, failCropSet } from '@stroma/db/crop-set-work';
import { jsonOf, LeaseLost, succeed } from '@stroma/db/runs';
import type { Handler, Work } from '@stroma/db/worker';
import type { ObjectStore } from '@stroma/storage/object-store';
import { cutSlide } from './cut-slide.ts';
import type { Cutters } from './cutter/cutters.ts';
import { measureCopied } from './measure-copied.ts';

type CutResult = Awaited<ReturnType<typeof cutSlide>>['result'];

export interface TileOptions {
  connection: Connection;
  store: ObjectStore;
  /** Ended by whoever made them. */
  cutters: Cutters;
  log(message: string): void;
}

/**
 * slide → crop set: shards and rows grow while the crops are cut; all becomes visible in one transaction. Crops that
 * were copied undecoded can be used then, and are measured before the run ends. Done twice it gives the same.
 */
export function tileHandler({ connection, store, cutters, log }: TileOptions): Handler {
  const cut = async ({ lease, signal, report, step }: Work, set: CropSetToCut): Promise<CutResult> => {
    const rows = await CropRows.begin(connection, set.id, lease.fence);
    const folder = folderOf(set.id);
    try {
      const slide = { file: store.localPath(set.objectKey), folder, set };
      const cut = await step('cut', () => cutSlide(cutters, slide, store, rows, signal, report));
      await step('store', () => storeCropSet(connection, lease, { id: set.id, ...cut.set }, rows, cut.result));
      await removeOtherShards(store, folder, new Set(cut.set.shards.map((shard) => shard.objectKey)));
      return cut.result;
    } finally {
      await rows.discard();
    }
  };
  return async (work) => {
    const { run, lease, signal, report, step } = work;
    const { cropSetId } = run.config as { cropSetId: number };
    try {
      const set = await cropSetToCut(connection.db, cropSetId);
      if (!set) throw noCropSet(cropSetId);
      // Ready is what this run has stored before its worker died.
      const result = set.status === 'ready' ? (jsonOf<CutResult>(run.result) as CutResult) : await cut(work, set);
      const toMeasure = { cropSetId, name: set.name };
      const measuring = () => measureCopied({ connection, store, cutters }, lease, toMeasure, signal, report);
      if (result.copiedCrops > 0) await step('measure', measuring);
      await succeed(connection.db, lease, result);
      log(`run ${run.id} slide ${set.slideId} at ${set.recipe.mpp} µm/px: ${summary(result)}`);
    } catch (error) {
      // Stopped or lost: another worker goes on, and writes the same keys.
      const goesOn = error instanceof LeaseLost || (signal.aborted && signal.reason !== 'cancelled');
      const failed = !goesOn && (await failCropSet(connection.db, cropSetId));
      if (failed) await removeOtherShards(store, folderOf(cropSetId), new Set());
      throw error;
    }
  };
}

function summary({ unreadablePlaces: _, ...numbers }: CutResult): string {
  return JSON.stringify(numbers);
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
