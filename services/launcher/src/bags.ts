import path from 'node:path';
import { codedPatients } from '@stroma/core/coded-name';
import type { Bags } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import type { Connection } from '@stroma/db/client';
import { cohortOf } from '@stroma/db/cohort-crops';
import { cohortEmbeddingSets, encoderOf } from '@stroma/db/embedding-sets';
import type { JobRow } from '@stroma/db/run-inputs';
import type { ObjectStore } from '@stroma/storage/object-store';
import { writeWhole } from './write-whole.ts';

/** Writes bags.json: one bag for every slide of the cohort that the embed run embedded, with its stored fold. */
export async function writeBags(
  connection: Connection,
  store: ObjectStore,
  job: JobRow,
  embedRunId: number,
  folder: string,
): Promise<string> {
  const cohort = await cohortOf(connection.db, job.cohortId);
  const sets = await cohortEmbeddingSets(connection.db, embedRunId, job.cohortId);
  if (!sets.some((set) => set.label !== null)) {
    throw new StromaError({
      code: 'cohort.no_labels',
      message: 'No labelled slide of the cohort has embeddings, so there is nothing to learn a grade from.',
      expected: 'labelled slides with tissue',
      found: `${sets.length} embedded slides, none labelled`,
      where: `cohort ${cohort.name}`,
      remedy: 'Make a cohort whose labels file has grades.',
    });
  }
  const patients = codedPatients(sets.map((set) => set.patientId));
  const bags: Bags = {
    version: 1,
    encoder_sha256: await encoderOf(connection.db, embedRunId),
    classes: cohort.classes,
    fold_count: cohort.foldCount,
    slides: sets.map((set) => ({
      slide_id: set.slideId,
      patient_id: patients.get(set.patientId) ?? '',
      label: set.label,
      fold: set.fold,
      path: store.localPath(set.objectKey),
    })),
  };
  const file = path.join(folder, 'bags.json');
  await writeWhole(file, `${JSON.stringify(bags)}\n`);
  return file;
}
