import { mkdtemp, open, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CropFilter } from '@stroma/core/http/similar-crops';
import { CropIndex } from '@stroma/inference/search/crop-index';
import { CropIndexes } from '@stroma/inference/search/crop-indexes';
import { CropSearch } from '@stroma/inference/search/crop-search';
import { indexKeys } from '@stroma/inference/search/index-record';
import { auditObjects } from '@stroma/infra/reconcile';
import { LocalStore } from '@stroma/storage/local-store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { cropsASlide, type EmbeddedSlide, embeddedCohort } from './embedded-cohort.ts';

/** A build gives way to whatever else computes. */
const buildTime = { timeout: 180_000 };

let database: TestDatabase;
let folder: string;
let store: LocalStore;
let jobId: number;
let runId: number;
let slides: EmbeddedSlide[];
let exact: CropSearch;

beforeAll(async () => {
  database = await withSchema();
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-index-'));
  store = new LocalStore(folder);
  ({ jobId, runId, slides } = await embeddedCohort(database.connection, store));
  await database.db
    .updateTable('cohortSlide')
    .set({ site: 'Bern' })
    .where('slideId', 'in', [slides[0]?.id ?? '', slides[2]?.id ?? ''])
    .execute();
  exact = new CropSearch({ db: database.db, store });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** A service that indexes cohorts of two slides' crops or more, as it is when it has just been started. */
function startSearch(leastCrops = 2 * cropsASlide) {
  const logged: string[] = [];
  const indexes = new CropIndexes({ store, log: (line) => logged.push(line), leastCrops });
  const search = new CropSearch({ db: database.db, store, indexes });
  return { indexes, logged, search };
}
const asked = (crop: number, filter: CropFilter = {}) => ({
  encoder: 'dino' as const,
  of: { cropId: `${slides[crop % 4]?.cropSetId}:${crop}` },
  filter,
});
/** What lies beside the run's embeddings. */
const beside = async () => {
  const names: string[] = [];
  for (const name of await readdir(store.localPath(`embeddings/${runId}`)).catch(() => [])) {
    if (!name.endsWith('.arrow')) names.push(`embeddings/${runId}/${name}`);
  }
  return names.sort();
};

test('a small cohort is not indexed, and a build that is cut short leaves nothing', async () => {
  const small = startSearch(4 * cropsASlide + 1);
  expect((await small.search.search(jobId, asked(3))).exact).toBe(true);
  const stopped = startSearch();
  expect((await stopped.search.search(jobId, asked(3))).exact).toBe(true);
  stopped.indexes.close();
  await Promise.all([small.indexes.settled(), stopped.indexes.settled()]);
  expect([await beside(), small.logged]).toEqual([[], []]);
});

describe('an index', () => {
  beforeAll(async () => {
    const { search, indexes } = startSearch();
    // Every crop is compared while it is built.
    expect((await search.search(jobId, asked(3))).exact).toBe(true);
    await indexes.settled();
    expect(await beside()).toEqual([indexKeys(runId).record, indexKeys(runId).index]);
  }, buildTime.timeout);

  test('finds what comparing every crop finds', async () => {
    const search = await opened();
    const queries = 20;
    let found = 0;
    for (let crop = 0; crop < queries; crop += 1) {
      const [near, all] = [await search.search(jobId, asked(crop)), await exact.search(jobId, asked(crop))];
      expect({ ...near, crops: [], seconds: 0 }).toEqual({ ...all, exact: false, crops: [], seconds: 0 });
      const ids = near.crops.map((one) => one.cropId);
      const both = all.crops.filter((one) => ids.includes(one.cropId));
      // To the last bit, in the same order.
      expect(near.crops.filter((one) => both.some((other) => other.cropId === one.cropId))).toEqual(both);
      found += both.length;
    }
    expect(found / (queries * 24)).toBeGreaterThanOrEqual(0.95);
  });

  test.each<[string, CropFilter, number[], boolean]>([
    ['a label', { labels: ['benign'] }, [0, 1], false],
    ['a site', { sites: ['Bern'] }, [0, 2], false],
    ['other slides', { except: 'slide' }, [0, 1, 2], false],
    ['a site and slides of none', { sites: ['Bern'], unnamedSite: true }, [0, 1, 2, 3], false],
    ['few crops, each compared', { sites: ['Bern'], labels: ['malign'] }, [2], true],
  ])('keeps to %s', async (_, filter, on, each) => {
    const near = await (await opened()).search(jobId, asked(3, filter));
    expect(near).toMatchObject({ exact: each, sites: ['Bern'] });
    const slideIds = on.map((ix) => slides[ix]?.id);
    expect(near.crops.map((crop) => slideIds.includes(crop.slideId))).toEqual(Array(24).fill(true));
    expect(near.crops).toEqual((await exact.search(jobId, asked(3, filter))).crops);
  });

  test('that cannot lead to as many crops as are wanted leaves the search to comparing', async () => {
    // All of the slide are asked with, so none of it is left.
    const of = { slideId: slides[0]?.id ?? '', x0: 0, y0: 0, width0: 1e6, height0: 1e6 };
    const filter = { slideIds: [of.slideId] };
    const answer = await (await opened(1)).search(jobId, { encoder: 'dino', of, filter });
    expect(answer).toMatchObject({ askedWith: cropsASlide, compared: 0, exact: true, crops: [] });
  });

  test.each([
    ['changed', () => flipByte(store.localPath(indexKeys(runId).index)), /was changed after it was built/],
    ['cut short', () => truncate(store.localPath(indexKeys(runId).index), 5000), /has 5000 bytes instead of/],
    ['of other embeddings', async () => undefined, /built of other embeddings/],
    ['not there', () => store.remove(indexKeys(runId).record), /ENOENT/],
  ])('that is %s is not opened', async (what, harm, said) => {
    await harm();
    const files = slides.map(({ id }) => ({ sha256: what === 'of other embeddings' ? `other ${id}` : id }));
    await expect(CropIndex.open(store, runId, files)).rejects.toThrow(said);
  });

  test('that is broken is built again while every crop is compared', buildTime, async () => {
    const { search, indexes } = startSearch();
    const meanwhile = await search.search(jobId, asked(3));
    await indexes.settled();
    const after = await search.search(jobId, asked(3));
    expect([meanwhile.exact, after.exact]).toEqual([true, false]);
    expect(after.crops).toEqual(meanwhile.crops);
  });

  test('is left over when its run is gone, and not before', async () => {
    expect((await auditObjects(database.db, store)).orphans).toEqual([]);
    await database.db.deleteFrom('run').where('id', '=', runId).execute();
    const { orphans } = await auditObjects(database.db, store);
    expect(orphans).toEqual(expect.arrayContaining(Object.values(indexKeys(runId))));
  });
});

/** A search whose index is open. */
async function opened(leastCrops?: number): Promise<CropSearch> {
  const { search, indexes, logged } = startSearch(leastCrops);
  await search.search(jobId, asked(3));
  await indexes.settled();
  expect(logged).toEqual([]);
  return search;
}

async function flipByte(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, 5000);
  await handle.write(Buffer.of((byte[0] ?? 0) ^ 0xff), 0, 1, 5000);
  await handle.close();
}
