import { randomUUID } from 'node:crypto';
import { type Connection, sql } from '@stroma/db/client';
import { type NewCrop, storeCropSet } from '@stroma/db/crop-partition';
import { CropRows } from '@stroma/db/crop-rows';
import { requestCropSets } from '@stroma/db/crop-sets';
import { claim, type RunRow } from '@stroma/db/runs';

/** Side of a crop in level-0 px. */
export const size0 = 256;
/** As many crops as the worker hands over at once. */
const atOnce = 256;

/** The crops of a slide that is tissue all over, row by row. */
export function gridCrops(count: number): NewCrop[] {
  const across = Math.ceil(Math.sqrt(count));
  return Array.from({ length: count }, (_, i) => ({
    x0: (i % across) * size0,
    y0: Math.floor(i / across) * size0,
    tissueFraction: 0.5 + (i % 5000) / 10_000,
    shardIx: Math.floor(i / 4096),
    byteOffset: (i % 4096) * 20_480 + 1536,
    byteLength: 15_000 + (i % 5000),
    sharpness: (i % 9973) / 10_000,
    pen: (i % 13) / 1000,
    saturation: (i % 7919) / 10_000,
    darkness: (i % 6007) / 10_000,
    fold: 0,
  }));
}

/** Slides with one queued crop set each. */
export async function askForCropSets({ db }: Connection, count: number): Promise<number[]> {
  const slides = Array.from({ length: count }, () => ({ id: randomUUID() }));
  for (const { id } of slides) {
    await sql`insert into slide (id, sha256, name, bytes, object_key, thumbnail_key, reader, format, width0, height0)
      values (${id}, ${id}, ${id}, 1, ${id}, ${id}, 'tiff', 'generic-tiff', 100000, 100000)`.execute(db);
  }
  const ids = slides.map(({ id }) => id);
  return (await requestCropSets(db, ids, [0.5])).map((set) => set.cropSetId);
}

/**
 * Takes the next tile run and stores these crops as the ingest worker does. copySeconds: from the first crop handed over
 * to the last one copied and indexed; seconds: with the table's making and the crop set's commit.
 */
export async function storeNext(connection: Connection, crops: readonly NewCrop[]) {
  const run = (await claim(connection.db, ['tile'], 'bench', 600)) as RunRow;
  const id = Number((run.config as { cropSetId: number }).cropSetId);
  const lease = { runId: run.id, fence: run.fence };
  const startedAt = performance.now();
  const rows = await CropRows.begin(connection, id, run.fence);
  const copyAt = performance.now();
  let copySeconds = 0;
  const finish = rows.finish.bind(rows);
  rows.finish = async () => {
    await finish();
    copySeconds = (performance.now() - copyAt) / 1000;
  };
  for (let from = 0; from < crops.length; from += atOnce) await rows.add(crops.slice(from, from + atOnce));
  const set = {
    id,
    size0X: size0,
    size0Y: size0,
    effective: { x: 0.5, y: 0.5 },
    sourceLevel: 0,
    tissueFraction: 1,
    cropCount: crops.length,
    shards: [],
  };
  await storeCropSet(connection, lease, set, rows, {});
  return { id, copySeconds, seconds: (performance.now() - startedAt) / 1000 };
}
