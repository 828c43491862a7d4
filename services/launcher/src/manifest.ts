import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codedPatients } from '@stroma/core/coded-name';
import { cropId, type Manifest, type ManifestCrop } from '@stroma/core/contract/manifest';
import type { Connection } from '@stroma/db/client';
import { type CohortCropSet, cohortCropSets, cohortOf, requireCrops, usedCrops } from '@stroma/db/cohort-crops';
import { selectionHash } from '@stroma/db/crop-selection';
import type { JobRow } from '@stroma/db/run-inputs';
import { cropsOf, shardsOf } from '@stroma/db/stored-crops';
import type { ObjectStore } from '@stroma/storage/object-store';
import { writeWhole } from './write-whole.ts';

/**
 * Writes manifest.json and crops.jsonl: every selected crop of the job's cohort on the job's grid, in the order of crop
 * set and ix, so that the same seed draws the same batches.
 */
export async function writeManifest(
  connection: Connection,
  store: ObjectStore,
  job: JobRow,
  folder: string,
): Promise<string> {
  const used = usedCrops(job);
  const sets = await cohortCropSets(connection.db, used);
  requireCrops(sets, used);
  const filled = sets.filter((set) => set.cropCount > 0);
  const shards: Manifest['shards'] = [];
  const firstShard = new Map<number, number>();
  for (const set of filled) {
    firstShard.set(set.cropSetId, shards.length);
    for (const shard of await shardsOf(connection.db, set.cropSetId)) {
      shards.push({
        path: store.localPath(shard.objectKey),
        sha256: shard.sha256,
        slide_id: set.slideId,
        crop_count: shard.cropCount,
      });
    }
  }
  const counter = { crops: 0 };
  const lines = cropLines(connection, filled, firstShard, counter);
  await pipeline(lines, createWriteStream(path.join(folder, 'crops.jsonl'), { flush: true }));
  const { classes } = await cohortOf(connection.db, job.cohortId);
  const patients = codedPatients(filled.map((set) => set.patientId));
  const manifest: Manifest = {
    version: 1,
    mpp: job.mpp,
    crop_px: job.sizePx,
    crop_selection: used.selection,
    crop_selection_sha256: selectionHash(used.selection),
    crop_count: counter.crops,
    slides: filled.map((set) => ({ slide_id: set.slideId, patient_id: patients.get(set.patientId) ?? '' })),
    labels: labelsOf(filled, classes),
    shards,
    crops: 'crops.jsonl',
  };
  const file = path.join(folder, 'manifest.json');
  await writeWhole(file, `${JSON.stringify(manifest)}\n`);
  return file;
}

/** Slides without a label are left out. */
function labelsOf(sets: readonly CohortCropSet[], classes: readonly string[]): Record<string, string> {
  const labels = sets.map((set) => [set.slideId, set.label === null ? undefined : classes[set.label]] as const);
  return Object.fromEntries(labels.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function* cropLines(
  connection: Connection,
  sets: readonly CohortCropSet[],
  firstShard: ReadonlyMap<number, number>,
  counter: { crops: number },
): AsyncGenerator<string> {
  for (const set of sets) {
    const shard0 = firstShard.get(set.cropSetId) ?? 0;
    for await (const crops of cropsOf(connection, set)) {
      counter.crops += crops.length;
      let text = '';
      for (const crop of crops) {
        const line: ManifestCrop = {
          crop_id: cropId(set.cropSetId, crop.ix),
          slide_id: set.slideId,
          x0: crop.x0,
          y0: crop.y0,
          // Shards of a set are numbered without gaps from 0.
          shard: shard0 + crop.shardIx,
          offset: crop.byteOffset,
          length: crop.byteLength,
        };
        text += `${JSON.stringify(line)}\n`;
      }
      yield text;
    }
  }
}
