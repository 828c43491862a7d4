import type { RunProgress } from '@stroma/core/http/job';
import type { Connection } from '@stroma/db/client';
import type { Lease } from '@stroma/db/runs';
import { shardsOf } from '@stroma/db/stored-crops';
import { countUnmeasured, storeQuality, type UnmeasuredCrop, unmeasuredCrops } from '@stroma/db/unmeasured-crops';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Cutters } from './cutter/cutters.ts';
import { numberTable, rowsOf } from './number-table.ts';
import { untilAborted } from './until-aborted.ts';

/** Crops read from the database and stored at once. */
const batchSize = 4_096;
/** Crops given to a process at once. */
const pieceSize = 256;

export interface CropsToMeasure {
  cropSetId: number;
  /** Of the slide, as a person knows it. */
  name: string;
}

/**
 * Gives crops that were copied undecoded the numbers that the others got when they were cut. They can be used before;
 * what another worker has done of it stays done.
 */
export async function measureCopied(
  { connection, store, cutters }: { connection: Connection; store: ObjectStore; cutters: Cutters },
  lease: Lease,
  { cropSetId, name }: CropsToMeasure,
  signal: AbortSignal,
  report: (progress: RunProgress) => void,
): Promise<number> {
  const total = await countUnmeasured(connection.db, cropSetId);
  if (total === 0) return 0;
  const shards = new Map((await shardsOf(connection.db, cropSetId)).map(({ ix, objectKey }) => [ix, objectKey]));
  const startedAt = performance.now();
  let done = 0;
  let stored: Promise<void> = Promise.resolve();
  try {
    for await (const crops of unmeasuredCrops(connection, cropSetId, batchSize)) {
      const measured = pieces(crops).map(async (piece) => {
        const file = store.localPath(shards.get(piece[0]?.shardIx ?? 0) ?? '');
        const places = numberTable(
          ['offset', 'length'],
          piece.map(({ byteOffset, byteLength }) => ({ offset: byteOffset, length: byteLength })),
        );
        const quality = rowsOf(await cutters.idlest().measure(name, file, places));
        return piece.map(({ ix }, i) => ({ ix, ...(quality[i] as (typeof quality)[number]) }));
      });
      const rows = (await untilAborted(Promise.all(measured), signal)).flat();
      // The next batch is measured while this one is stored.
      await stored;
      stored = storeQuality(connection.db, lease, cropSetId, rows);
      stored.catch(() => undefined);
      done += rows.length;
      const ratePerS = (1000 * done) / (performance.now() - startedAt);
      report({ phase: 'measure', done, total, unit: 'crop', ratePerS });
    }
    await stored;
  } finally {
    cutters.endSlide();
  }
  return done;
}

/** Neighbours of one shard together. */
function pieces(crops: readonly UnmeasuredCrop[]): UnmeasuredCrop[][] {
  const out: UnmeasuredCrop[][] = [];
  for (const crop of crops) {
    const last = out.at(-1);
    if (last && last.length < pieceSize && last[0]?.shardIx === crop.shardIx) last.push(crop);
    else out.push([crop]);
  }
  return out;
}
