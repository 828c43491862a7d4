import type { RunProgress } from '@stroma/core/http/job';
import type { NewCrop } from '@stroma/db/crop-partition';
import type { ObjectStore } from '@stroma/storage/object-store';
import { cutCrops } from './cut-crops.ts';
import type { Cutters } from './cutter/cutters.ts';
import type { SlideToCut } from './cutter/messages.ts';
import { ShardWriter } from './shard-writer.ts';
import { UnreadablePlaces } from './unreadable-places.ts';
import { untilAborted } from './until-aborted.ts';

export interface SlideFileToCut {
  /** Path of the slide. */
  file: string;
  /** Key of the folder that the shards are put into. */
  folder: string;
  set: SlideToCut;
  /** A shard is closed when it has this many. */
  shardBytes?: number;
}

/** Whoever keeps the crops' rows, in the order of the crops. */
export interface RowSink {
  add(rows: readonly NewCrop[]): Promise<void>;
}

/** Cuts one slide into shards. No more than some blocks of crops are held at any time, however large the slide is. */
export async function cutSlide(
  cutters: Cutters,
  { file, folder, set, shardBytes }: SlideFileToCut,
  store: ObjectStore,
  sink: RowSink,
  signal: AbortSignal,
  report: (progress: RunProgress) => void,
) {
  const startedAt = performance.now();
  const writer = new ShardWriter(store, folder, shardBytes);
  const peaks = new Map<number, number>();
  let [decodedTiles, copiedCrops, cpuSeconds] = [0, 0, 0];
  try {
    const plan = await untilAborted(cutters.first().plan(file, set), signal);
    const unreadable = new UnreadablePlaces(plan.tiles);
    const cutAt = performance.now();
    cpuSeconds += plan.cpuSeconds;
    const working = cutters.take(plan.blockSizes.length);
    for await (const block of cutCrops(working, plan, signal)) {
      await sink.add(await writer.add(block));
      unreadable.add(block.unreadableTiles);
      decodedTiles += block.decodedTiles;
      copiedCrops += block.copiedCrops;
      cpuSeconds += block.cpuSeconds;
      peaks.set(block.pid, block.peakRssBytes);
      const ratePerS = (1000 * writer.cropCount) / (performance.now() - cutAt);
      report({ phase: 'cut', done: writer.cropCount, total: plan.crops.length, unit: 'crop', ratePerS });
    }
    signal.throwIfAborted();
    const shards = await writer.finish();
    const { job, effective, tissueFraction, crops } = plan;
    const { size0_x: size0X, size0_y: size0Y } = job.context;
    const { cropCount } = writer;
    return {
      set: { size0X, size0Y, effective, sourceLevel: job.level, tissueFraction, cropCount, shards },
      result: {
        crops: cropCount,
        /** Crops that are the slide's own tiles, copied as they were stored. */
        copiedCrops,
        skippedCrops: crops.length - cropCount,
        unreadableTiles: Math.max(unreadable.count, plan.unreadableTiles),
        unreadablePlaces: unreadable.list(),
        decodedTiles,
        processes: working.length,
        /** Of the processes that cut, not of the worker. */
        cpuSeconds: Number(cpuSeconds.toFixed(3)),
        /** Each one's peak, together. */
        processesPeakMb: Math.round([...peaks.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6),
        planSeconds: seconds(startedAt, cutAt),
        seconds: seconds(startedAt, performance.now()),
      },
    };
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    cutters.endSlide();
  }
}

function seconds(from: number, to: number): number {
  return Number(((to - from) / 1000).toFixed(3));
}
