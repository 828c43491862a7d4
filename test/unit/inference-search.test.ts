import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEmbeddings } from '@stroma/inference/embedding/read-embeddings';
import { layoutOf } from '@stroma/inference/embedding/row-layout';
import { singleRows } from '@stroma/inference/embedding/single-rows';
import { vectorOfBox, vectorOfCrop } from '@stroma/inference/search/asked-vector';
import { filterSets } from '@stroma/inference/search/filter-sets';
import { NearestList } from '@stroma/inference/search/nearest-list';
import { scanEmbeddings } from '@stroma/inference/search/scan-embeddings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEmbeddedSlide } from '../fixtures/embedded-slide.ts';

const sets = [
  { slideId: 'a', patientId: 'p', label: 0, site: 'Uppsala' },
  { slideId: 'b', patientId: 'p', label: 1, site: null },
  { slideId: 'c', patientId: 'q', label: null, site: 'Bern' },
];
const [first] = sets;
const idsOf = (filter: Parameters<typeof filterSets>[2]) =>
  filterSets(sets, ['low', 'high'], filter, first).map((set) => set.slideId);

describe('a filter of slides', () => {
  it.each([
    [{}, ['a', 'b', 'c']],
    [{ slideIds: ['c', 'a'] }, ['a', 'c']],
    [{ labels: ['high'] }, ['b']],
    [{ labels: ['low'], unlabelled: true }, ['a', 'c']],
    [{ labels: [], unlabelled: true }, ['c']],
    [{ labels: [] }, ['a', 'b', 'c']],
    [{ sites: ['Bern'] }, ['c']],
    [{ sites: ['Uppsala'], unnamedSite: true }, ['a', 'b']],
    [{ sites: [], unnamedSite: true }, ['b']],
    [{ sites: ['Uppsala', 'Bern'], unlabelled: true }, ['c']],
    [{ except: 'slide' as const }, ['b', 'c']],
    [{ except: 'patient' as const }, ['c']],
    [{ except: 'patient' as const, labels: ['high'] }, []],
  ])('%j keeps %j', (filter, kept) => expect(idsOf(filter)).toEqual(kept));

  it('refuses slides, labels and sites of other cohorts', () => {
    expect(() => idsOf({ slideIds: ['a', 'z'] })).toThrow(/limited to a slide/);
    expect(() => idsOf({ labels: ['benign'] })).toThrow(/limited to a label/);
    expect(() => idsOf({ sites: ['Ulm'] })).toThrow(/limited to a site/);
  });
});

describe('the nearest list', () => {
  it('keeps the highest in order, of equal ones the first', () => {
    const list = new NearestList<string>(3);
    for (const [name, similarity] of [
      ['a', 0.1],
      ['b', 0.7],
      ['c', 0.7],
      ['d', Number.NaN],
      ['e', 0.9],
    ] as const) {
      list.add(similarity, name);
    }
    expect(list.entries.map((entry) => entry.value)).toEqual(['e', 'b', 'c']);
  });
});

describe('embedding files', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stroma-search-'));
    file = path.join(folder, 'slide.arrow');
    // Four crops of 512 px in a row, of other lengths and directions.
    const embeddings = [
      [2, 0],
      [1, 1],
      [0, 5],
      [0, 0],
    ];
    const crops = embeddings.map((embedding, ix) => ({ cropId: `1:${ix}`, x0: 512 * ix, y0: 0, embedding }));
    await writeEmbeddedSlide(file, crops, 3);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const scan = (vector: number[], limit: number, except: string[] = []) =>
    scanEmbeddings([{ path: file, dim: 2 }], { vector: Float32Array.from(vector), limit, except: new Set(except) });

  it('are compared by direction, not by length, and a zero row is like nothing', async () => {
    const found = await scan([3, 0], 4, ['1:0']);
    expect(found.map(({ value }) => value.cropId)).toEqual(['1:1', '1:2', '1:3']);
    expect(found.map(({ similarity }) => similarity.toFixed(6))).toEqual(['0.707107', '0.000000', '0.000000']);
    expect(found[0]?.value).toEqual({ cropId: '1:1', x0: 512, y0: 0, file: 0 });
  });

  it('end the comparison when nobody waits', async () => {
    const gone = new AbortController();
    gone.abort(new Error('gone'));
    const asked = { vector: Float32Array.of(1, 0), limit: 1, except: new Set<string>(), signal: gone.signal };
    await expect(scanEmbeddings([{ path: file, dim: 2 }], asked)).rejects.toThrow('gone');
  });

  const box = (x0: number, width0: number, y0 = 100) =>
    vectorOfBox(file, { x0, y0, width0, height0: 300, size0X: 512, size0Y: 512 });

  it('give a rectangle the mean direction of the crops whose centres lie in it', async () => {
    const asked = await box(200, 1200);
    expect(asked?.cropIds).toEqual(['1:0', '1:1', '1:2']);
    const [x = 0, y = 0] = asked?.vector ?? [];
    expect(x).toBeCloseTo(y, 3);
  });

  it('give a rectangle inside one crop that crop, and one on glass none', async () => {
    expect(await box(530, 40)).toMatchObject({ cropIds: ['1:1'], vector: Float32Array.of(1, 1) });
    expect(await box(530, 40, 600)).toBeUndefined();
  });

  it('give single rows of any batch as a whole reading does, and refuse rows that they do not have', async () => {
    const dim = 2;
    const batches = await layoutOf(file);
    expect(batches.map((batch) => [batch.firstRow, batch.rows])).toEqual([
      [0, 3],
      [3, 1],
    ]);
    const whole = await readEmbeddings(file);
    expect(await singleRows(file, { batches, dim }, [3, 0, 2])).toEqual(
      [3, 0, 2].map((row) => ({
        cropId: whole.cropIds[row],
        x0: whole.x0[row],
        y0: whole.y0[row],
        embedding: whole.embeddings.slice(row * dim, (row + 1) * dim),
      })),
    );
    await expect(singleRows(file, { batches, dim }, [4])).rejects.toMatchObject({
      problem: { code: 'embeddings.unreadable', found: 'no row 4' },
    });
  });

  it('know their crops by id', async () => {
    expect((await vectorOfCrop(file, '1:2'))?.vector).toEqual(Float32Array.of(0, 5));
    expect(await vectorOfCrop(file, '1:9')).toBeUndefined();
  });
});
