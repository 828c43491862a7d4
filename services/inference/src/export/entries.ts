import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExportMessage } from '@stroma/core/http/export';
import type { CohortEmbeddingSet } from '@stroma/db/embedding-sets';
import type { StoredScores } from '@stroma/db/prediction-scores';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { ZipEntry } from '@stroma/storage/zip-stream';
import { embeddingBatches, readEmbeddings } from '../embedding/read-embeddings.ts';
import { writeClamFeatures, writeClamPatches } from './clam-files.ts';
import { clamPlace, type SlideLevelRow } from './clam-place.ts';
import { parquetStream } from './parquet.ts';
import { scoreBatches } from './score-table.ts';
import { datasetCsv, splitsCsv } from './tables.ts';

export interface ExportSource {
  layout: ExportMessage['layout'];
  cohort: { classes: string[]; foldCount: number };
  sets: readonly CohortEmbeddingSet[];
  /** `crops.json`: which crops these are. */
  cropsText: string;
  /** File name without ending, by slide id. */
  names: ReadonlyMap<string, string>;
  store: ObjectStore;
  levels(slideId: string): Promise<SlideLevelRow[]>;
  /** What the job's slide models made of a slide's crops; undefined when it was not graded. */
  scores(slideId: string): Promise<StoredScores | undefined>;
  /** Called after each slide; throws to stop. */
  onSlide(done: number): void;
}

/** What lies in the zip, in order. Each file is made when the zip has taken the one before. */
export async function* exportEntries(source: ExportSource): AsyncGenerator<ZipEntry> {
  const { cohort, sets, names, layout } = source;
  yield { name: 'crops.json', text: source.cropsText };
  yield { name: 'dataset.csv', text: datasetCsv(sets, names, cohort.classes) };
  for (let fold = 0; fold < cohort.foldCount; fold += 1) {
    yield { name: `splits/splits_${fold}.csv`, text: splitsCsv(sets, names, fold, cohort.foldCount) };
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-export-'));
  try {
    for (const [i, set] of sets.entries()) {
      const name = names.get(set.slideId) ?? set.slideId;
      if (layout === 'parquet') {
        const file = source.store.localPath(set.objectKey);
        yield { name: `embeddings/${name}.parquet`, open: () => parquetStream(embeddingBatches(file)) };
      } else if (layout === 'scores') {
        const scores = await source.scores(set.slideId);
        if (scores) yield { name: `scores/${name}.parquet`, open: () => parquetStream(scoreBatches(name, scores)) };
      } else {
        yield* clamEntries(source, set, name, folder);
      }
      source.onSlide(i + 1);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* clamEntries(
  { store, levels }: ExportSource,
  set: CohortEmbeddingSet,
  name: string,
  folder: string,
): AsyncGenerator<ZipEntry> {
  const file = await readEmbeddings(store.localPath(set.objectKey));
  const place = clamPlace(set, await levels(set.slideId));
  const patches = path.join(folder, 'patches.h5');
  await writeClamPatches(patches, name, file, place);
  yield { name: `patches/${name}.h5`, file: patches };
  const features = path.join(folder, 'features.h5');
  await writeClamFeatures(features, file);
  yield { name: `h5_files/${name}.h5`, file: features };
}
