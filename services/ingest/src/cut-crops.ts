import type { Cutter } from './cutter/cutter.ts';
import type { CutBlock, PlannedSlide, PlannedTable } from './cutter/messages.ts';
import { slice } from './number-table.ts';
import { untilAborted } from './until-aborted.ts';

/** A block that was cut, and the crops that lie in its tar entries. */
export interface StoredBlock extends CutBlock {
  planned: PlannedTable;
  /** Has the entries written to a file, at a byte; asked once, in the order of the blocks. */
  write(file: string, offset: number): Promise<void>;
}

/** Blocks given to each process ahead of the one that is stored next: none is idle, and memory stays bounded. */
const blocksAhead = 3;

/** Cuts a slide's blocks in several processes; they come in the plan's order, whichever is done first. */
export async function* cutCrops(
  cutters: readonly Cutter[],
  { job, crops, blockSizes }: PlannedSlide,
  signal: AbortSignal,
): AsyncGenerator<StoredBlock> {
  const underWay: Promise<StoredBlock>[] = [];
  let from = 0;
  for (const size of blockSizes) {
    signal.throwIfAborted();
    const planned = slice(crops, from, from + size);
    from += size;
    const idlest = cutters.reduce((least, cutter) => (cutter.pending < least.pending ? cutter : least));
    const write = (file: string, offset: number) => idlest.write(job.context.slide_name, file, offset);
    const block = idlest.cut(job, planned).then((cut) => ({ ...cut, planned, write }));
    // Told to whoever takes it; it may fail before its turn.
    block.catch(() => undefined);
    underWay.push(block);
    if (underWay.length >= cutters.length * blocksAhead) yield await untilAborted(underWay.shift() ?? block, signal);
  }
  for (const block of underWay) yield await untilAborted(block, signal);
}
