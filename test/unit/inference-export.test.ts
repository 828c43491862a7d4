import { fileNames } from '@stroma/core/exported-names';
import { stretches } from '@stroma/inference/embedding/read-crops';
import { clamPlace } from '@stroma/inference/export/clam-place';
import { datasetCsv, splitsCsv } from '@stroma/inference/export/tables';
import { Lru } from '@stroma/inference/lru';
import { describe, expect, it } from 'vitest';

const names = (...slides: string[]) => [
  ...fileNames(slides.map((slideName, i) => ({ slideId: `id${i}`, slideName }))).values(),
];

describe('fileNames', () => {
  it('takes the slide’s name without its ending', () => {
    expect(names('TCGA-02.609CED8D.svs', 'a b.ome.tiff')).toEqual(['TCGA-02.609CED8D', 'a_b.ome']);
  });

  it('lets nobody out of the folder', () => {
    expect(names('../../etc/passwd', '..', '-rf')).toEqual(['etc_passwd', 'slide', 'rf']);
  });

  it('tells names apart that a file system may take for the same', () => {
    expect(names('A.svs', 'a.tif', 'b.svs')).toEqual(['A_id0', 'a_id1', 'b']);
  });
});

describe('CLAM tables', () => {
  const set = (slideId: string, label: number | null, fold: number) =>
    ({ slideId, label, fold, patientId: `p ${slideId}` }) as never;
  const sets = [set('a', 0, 0), set('b', 1, 1), set('c', 1, 2), set('d', null, 0)];
  const files = new Map(['a', 'b', 'c', 'd'].map((id) => [id, `slide-${id}`]));

  it('lists labelled slides and quotes what a CSV must', () => {
    expect(datasetCsv(sets, files, ['benign, "0"', 'G3'])).toBe(
      'case_id,slide_id,label\np a,slide-a,"benign, ""0"""\np b,slide-b,G3\np c,slide-c,G3\n',
    );
  });

  it('tests on the fold and validates on the next', () => {
    expect(splitsCsv(sets, files, 2, 3)).toBe(',train,val,test\n0,slide-b,slide-a,slide-c\n');
  });

  it('has no validation with two folds', () => {
    expect(splitsCsv(sets.slice(0, 2), files, 0, 2)).toBe(',train,val,test\n0,slide-b,,slide-a\n');
  });
});

describe('clamPlace', () => {
  const levels = [0, 1, 2].map((level) => ({
    level,
    width: 8192 >> (2 * level),
    height: 4096 >> (2 * level),
    downsampleX: 4 ** level,
    downsampleY: 4 ** level,
  }));

  const crops = (size0X: number, size0Y = size0X) => ({ slideName: 'a.svs', sizePx: 256, size0X, size0Y });

  it('names the level that has the crop’s scale', () => {
    expect(clamPlace(crops(1024), levels)).toMatchObject({ patchLevel: 1, patchSize: 256, customDownsample: 1 });
  });

  it('reads level 0 and shrinks between two levels', () => {
    expect(clamPlace(crops(512), levels)).toMatchObject({ patchLevel: 0, patchSize: 512, customDownsample: 2 });
  });

  it('refuses what CLAM cannot say: crops of a slide whose pixels are not square', () => {
    expect(() => clamPlace(crops(512, 640), levels)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'export.clam_square', where: 'a.svs' }) }),
    );
  });
});

describe('stretches', () => {
  const crop = (ix: number, shardIx: number, byteOffset: number) =>
    ({ ix, shardIx, byteOffset, byteLength: 10, x0: 0, y0: 0, tissueFraction: 1 }) as const;
  const shape = (crops: ReturnType<typeof crop>[], limit?: number) =>
    [...stretches(crops, limit)].map((stretch) => stretch.map(({ ix }) => ix));

  it('reads neighbours of a shard together and ends with the shard', () => {
    expect(shape([crop(0, 0, 512), crop(1, 0, 1536), crop(2, 1, 512)])).toEqual([[0, 1], [2]]);
  });

  it('reads no more than the limit at once and never backwards', () => {
    expect(shape([crop(0, 0, 0), crop(1, 0, 10), crop(2, 0, 20)], 20)).toEqual([[0, 1], [2]]);
    expect(shape([crop(0, 0, 100), crop(1, 0, 0)])).toEqual([[0], [1]]);
  });
});

it('Lru forgets what was used longest ago', () => {
  const lru = new Lru<number>(2);
  lru.set('a', 1);
  lru.set('b', 2);
  lru.get('a');
  lru.set('c', 3);
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3]);
});
