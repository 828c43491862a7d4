import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { Connection } from '@stroma/db/client';
import { cropsOf, type StoredCrop, shardsOf } from '@stroma/db/stored-crops';
import type { ObjectStore } from '@stroma/storage/object-store';

export interface ReadCrop extends StoredCrop {
  jpeg: Uint8Array;
}

/** One read of a shard fetches neighbouring crops up to this many bytes. */
const readBytes = 16 << 20;

/** Selected crops of a crop set with their JPEGs, in the order of ix, in batches. Shards are read from front to back. */
export async function* readCrops(
  connection: Connection,
  store: ObjectStore,
  set: { cropSetId: number; selection: CropSelection },
  batch: number,
): AsyncGenerator<ReadCrop[]> {
  const shards = new Map((await shardsOf(connection.db, set.cropSetId)).map((shard) => [shard.ix, shard.objectKey]));
  let ready: ReadCrop[] = [];
  for await (const rows of cropsOf(connection, set)) {
    for (const stretch of stretches(rows)) {
      for (const crop of await readStretch(store, shards, stretch)) {
        ready.push(crop);
        if (ready.length === batch) {
          yield ready;
          ready = [];
        }
      }
    }
  }
  if (ready.length > 0) yield ready;
}

/** Runs of crops that lie one after another in the same shard. */
export function* stretches(rows: readonly StoredCrop[], limit = readBytes): Generator<StoredCrop[]> {
  let stretch: StoredCrop[] = [];
  for (const row of rows) {
    const first = stretch[0];
    const last = stretch.at(-1);
    const goesOn =
      first &&
      last &&
      row.shardIx === first.shardIx &&
      row.byteOffset >= last.byteOffset + last.byteLength &&
      row.byteOffset + row.byteLength - first.byteOffset <= limit;
    if (!goesOn && stretch.length > 0) {
      yield stretch;
      stretch = [];
    }
    stretch.push(row);
  }
  if (stretch.length > 0) yield stretch;
}

async function readStretch(
  store: ObjectStore,
  shards: ReadonlyMap<number, string>,
  stretch: readonly StoredCrop[],
): Promise<ReadCrop[]> {
  const first = stretch[0] as StoredCrop;
  const last = stretch.at(-1) as StoredCrop;
  const length = last.byteOffset + last.byteLength - first.byteOffset;
  const bytes = await store.range(shards.get(first.shardIx) ?? '', first.byteOffset, length);
  return stretch.map((crop) => {
    const start = crop.byteOffset - first.byteOffset;
    return { ...crop, jpeg: bytes.subarray(start, start + crop.byteLength) };
  });
}
