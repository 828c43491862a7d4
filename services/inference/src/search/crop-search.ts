import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import type { CropFilter, SimilarCrop, SimilarCropsAnswer, SimilarCropsRequest } from '@stroma/core/http/similar-crops';
import type { Database } from '@stroma/db/client';
import { cohortOf } from '@stroma/db/cohort-crops';
import { type CohortEmbeddingSet, cohortEmbeddingSets } from '@stroma/db/embedding-sets';
import { doneRun, type Encoder } from '@stroma/db/run-inputs';
import type { ObjectStore } from '@stroma/storage/object-store';
import { type AskedVector, vectorOfBox, vectorOfCrop } from './asked-vector.ts';
import type { CropIndexes } from './crop-indexes.ts';
import { filterSets, labelOf, sitesOf } from './filter-sets.ts';
import { KeptBatches } from './kept-batches.ts';
import { scanEmbeddings } from './scan-embeddings.ts';
import {
  busy,
  emptyRectangle,
  noEmbeddings,
  noSlide,
  noVector,
  otherDimensions,
  unknownCrop,
} from './search-errors.ts';
import { searchIndex } from './search-index.ts';

/** Each holds a record batch or two in memory; more are refused at once, so that nobody waits for minutes. */
const mostAtOnce = 4;

/** The embeddings of a job's cohort by one encoder. */
interface EmbeddedCohort {
  runId: number;
  classes: string[];
  sets: CohortEmbeddingSet[];
}

export interface NearestRequest {
  jobId: number;
  encoder: Encoder;
  /** An embedding of that encoder, of any length but zero. */
  vector: Float32Array;
  count: number;
  filter?: CropFilter;
  signal?: AbortSignal | undefined;
}

type Nearest = Pick<SimilarCropsAnswer, 'compared' | 'exact' | 'crops'>;

/** The nearest real crops of a job's cohort, by the cosine of their embeddings. */
export class CropSearch {
  readonly #db: Database;
  readonly #store: ObjectStore;
  readonly #indexes: CropIndexes | undefined;
  readonly #kept = new KeptBatches();
  #underWay = 0;

  /** Without indexes every crop is compared. */
  constructor({ db, store, indexes }: { db: Database; store: ObjectStore; indexes?: CropIndexes }) {
    this.#db = db;
    this.#store = store;
    this.#indexes = indexes;
  }

  /** Nearest to any vector, e.g. to the embedding of a synthetic crop. */
  async nearest({ jobId, encoder, vector, count, filter = {}, signal }: NearestRequest): Promise<Nearest> {
    const cohort = await this.#cohort(jobId, encoder);
    const sets = filterSets(cohort.sets, cohort.classes, filter);
    return await this.#near(cohort, sets, { vector, cropIds: [] }, count, signal);
  }

  /** Nearest to a crop or a rectangle of one of the cohort's slides. */
  async search(
    jobId: number,
    { encoder, of, filter = {}, count = 24 }: SimilarCropsRequest,
    signal?: AbortSignal,
  ): Promise<SimilarCropsAnswer> {
    if (this.#underWay >= mostAtOnce) throw busy(mostAtOnce);
    this.#underWay += 1;
    try {
      const startedAt = performance.now();
      const cohort = await this.#cohort(jobId, encoder);
      const { set, asked } = await this.#asked(cohort, of);
      const sets = filterSets(cohort.sets, cohort.classes, filter, set);
      const near = await this.#near(cohort, sets, asked, count, signal);
      const seconds = (performance.now() - startedAt) / 1000;
      const { classes } = cohort;
      return { askedWith: asked.cropIds.length, ...near, classes, sites: sitesOf(cohort.sets), seconds };
    } finally {
      this.#underWay -= 1;
    }
  }

  async #cohort(jobId: number, encoder: Encoder): Promise<EmbeddedCohort> {
    const [job, runId] = await Promise.all([
      this.#db.selectFrom('job').select('cohortId').where('id', '=', jobId).executeTakeFirst(),
      doneRun(this.#db, jobId, 'embed', encoder),
    ]);
    if (!job) throw new StromaError({ code: 'job.unknown', message: `There is no job ${jobId}.` }, 404);
    if (runId === undefined) throw noEmbeddings(jobId, encoder);
    const [{ classes }, sets] = await Promise.all([
      cohortOf(this.#db, job.cohortId),
      cohortEmbeddingSets(this.#db, runId, job.cohortId),
    ]);
    return { runId, classes, sets };
  }

  async #asked(
    { sets }: EmbeddedCohort,
    of: SimilarCropsRequest['of'],
  ): Promise<{ set: CohortEmbeddingSet; asked: AskedVector }> {
    if ('cropId' in of) {
      const cropSetId = parseCropId(of.cropId)?.cropSetId;
      const set = sets.find((one) => one.cropSetId === cropSetId);
      const asked = set && (await vectorOfCrop(this.#store.localPath(set.objectKey), of.cropId));
      if (!set || !asked) throw unknownCrop(of.cropId);
      return { set, asked };
    }
    const set = sets.find((one) => one.slideId === of.slideId);
    if (!set) throw noSlide(of.slideId);
    const asked = await vectorOfBox(this.#store.localPath(set.objectKey), { ...of, ...sidesOf(set) });
    if (!asked) throw emptyRectangle(set.slideName);
    return { set, asked };
  }

  async #near(
    cohort: EmbeddedCohort,
    sets: readonly CohortEmbeddingSet[],
    { vector, cropIds }: AskedVector,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<Nearest> {
    if (vector.every((value) => value === 0)) throw noVector();
    const other = sets.find((set) => set.dim !== vector.length);
    if (other) throw otherDimensions(other.dim, vector.length);
    const files = sets.map((set) => ({
      path: this.#store.localPath(set.objectKey),
      sha256: set.sha256,
      dim: set.dim,
      rows: set.cropCount,
      indexed: cohort.sets.indexOf(set),
    }));
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const index = this.#indexes?.of(cohort.runId, cohort.sets);
    const scan = { vector, limit, except: new Set(cropIds), signal };
    // What few crops a filter leaves are compared one by one.
    const large = index && rows >= (this.#indexes?.leastCrops ?? 0);
    const byIndex = large ? await searchIndex(index, files, scan) : undefined;
    const found = byIndex ?? (await scanEmbeddings(files, scan, (file) => this.#kept.of(file.path, file.sha256)));
    const crops = found.flatMap(({ similarity, value: { file, ...place } }) => {
      const set = sets[file];
      return set ? [similarCrop(set, cohort.classes, place, similarity)] : [];
    });
    const own = sets.some((set) => cropIds[0]?.startsWith(`${set.cropSetId}:`)) ? cropIds.length : 0;
    return { compared: rows - own, exact: !byIndex, crops };
  }
}

const sidesOf = ({ size0X, size0Y }: CohortEmbeddingSet) => ({ size0X, size0Y });

function similarCrop(
  set: CohortEmbeddingSet,
  classes: readonly string[],
  place: Pick<SimilarCrop, 'cropId' | 'x0' | 'y0'>,
  similarity: number,
): SimilarCrop {
  const { slideId, slideName, site } = set;
  return { ...place, slideId, slideName, label: labelOf(set, classes), site, ...sidesOf(set), similarity };
}
