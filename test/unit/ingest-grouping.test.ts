import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seriesSlide } from '@stroma/ingest/slides/dicom';
import { findSlides } from '@stroma/ingest/slides/find-slides';
import type { FoundSeries, Instance } from '@stroma/ingest/slides/found';
import { slideSha256 } from '@stroma/ingest/slides/identity';
import { joinSeries } from '@stroma/ingest/slides/join-series';
import type { UploadFile } from '@stroma/ingest/upload/upload-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dicomFile } from '../fixtures/dicom-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-grouping-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
/** Files of an upload as they lie on disk: under numbers, whatever they are called. */
async function uploaded(contents: Record<string, Buffer | string>): Promise<UploadFile[]> {
  return await Promise.all(
    Object.entries(contents).map(async ([name, content]) => {
      const file = path.join(folder, String(count++));
      await writeFile(file, content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { path: name, file, bytes: Buffer.byteLength(content), sha256 };
    }),
  );
}

const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');
const tiff = Buffer.from('49492a0008000000', 'hex');
const index = (...data: string[]) =>
  `\uFEFF[GENERAL]\r\nSLIDE_ID = 1\r\n[HIERARCHICAL]\r\nINDEXFILE = Index.dat\r\n[DATAFILE]\r\nFILE_COUNT = ${data.length}\r\n` +
  data.map((name, i) => `FILE_${i} = ${name}\r\n`).join('');
const mirax = {
  'lab/a.mrxs': jpeg,
  'lab/a/Slidedat.ini': index('Data0000.dat', 'Data0001.dat'),
  'lab/a/Index.dat': 'index',
  'lab/a/Data0000.dat': 'zero',
  'lab/a/Data0001.dat': 'one',
};
const paths = (slide: { parts: { path: string }[] } | undefined) => slide?.parts.map((part) => part.path);
const without = (name: keyof typeof mirax) => Object.fromEntries(Object.entries(mirax).filter(([key]) => key !== name));

describe('MIRAX', () => {
  it('is one slide with the files that its index names', async () => {
    const found = await findSlides(await uploaded({ ...mirax, 'lab/a/Thumb.jpg': jpeg }), 'lab.zip');
    expect(found.slides).toMatchObject([{ name: 'a.mrxs', inFolder: true }]);
    expect(paths(found.slides[0])).toEqual([
      'slide.mrxs',
      'slide/Slidedat.ini',
      'slide/Index.dat',
      'slide/Data0000.dat',
      'slide/Data0001.dat',
    ]);
    expect(found.leftOut).toMatchObject([{ path: 'lab/a/Thumb.jpg' }]);
    expect(found.problems).toEqual([]);
  });

  it('is the same slide under another name, and another with other bytes', async () => {
    const renamed = Object.fromEntries(Object.entries(mirax).map(([key, value]) => [key.replace('lab/a', 'b'), value]));
    const shaOf = async (contents: Record<string, Buffer | string>) => {
      const { slides } = await findSlides(await uploaded(contents), 'x');
      return slideSha256(slides[0]?.parts ?? []);
    };
    const sha256 = await shaOf(mirax);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await shaOf(renamed)).toBe(sha256);
    expect(await shaOf({ ...mirax, 'lab/a/Data0001.dat': 'two' })).not.toBe(sha256);
  });

  it.each([
    ['a data file', without('lab/a/Data0001.dat'), 'missing: Data0001.dat'],
    ['its index', without('lab/a/Index.dat'), 'missing: Index.dat'],
    ['its Slidedat.ini', without('lab/a/Slidedat.ini'), 'missing: lab/a/Slidedat.ini'],
    ['its .mrxs', without('lab/a.mrxs'), 'missing: lab/a.mrxs'],
  ])('without %s is refused, naming it', async (_, contents, missing) => {
    const found = await findSlides(await uploaded(contents), 'lab.zip');
    expect(found.slides).toEqual([]);
    expect(found.problems).toMatchObject([{ problem: { code: 'slide.files_missing', found: missing } }]);
    expect(found.problems[0]?.files).toHaveLength(4);
  });

  it.each([
    ['names outside its folder', index('../../x.dat')],
    ['no data files', index()],
    ['a million data files', index('x').replace('FILE_COUNT = 1', 'FILE_COUNT = 1000000')],
    ['no sections', 'hello'],
  ])('with an index of %s is refused', async (_, ini) => {
    const found = await findSlides(await uploaded({ ...mirax, 'lab/a/Slidedat.ini': ini }), 'lab.zip');
    expect(found.problems).toMatchObject([{ name: 'a.mrxs', problem: { code: 'slide.file_index' } }]);
  });
});

describe('Hamamatsu VMS', () => {
  const vms = '[Virtual Microscope Specimen]\r\nImageFile=a (1).jpg\r\nImageFile(1,0)=b.jpg\r\nMapFile=map.jpg\r\n';
  const text = `${vms}MacroImage=macro.jpg\r\nOptimisationFile=a.opt\r\n`;
  const files = { 'v/s.vms': text, 'v/a (1).jpg': jpeg, 'v/b.jpg': jpeg, 'v/map.jpg': jpeg, 'v/macro.jpg': jpeg };

  it('is one slide with the files that it names; others beside it are left out', async () => {
    const found = await findSlides(await uploaded({ ...files, 'v/photo.jpg': jpeg }), 'v');
    expect(found.slides.map((slide) => [slide.name, slide.parts.map((part) => `${part.role} ${part.path}`)])).toEqual([
      ['s.vms', ['entry slide.vms', 'data a (1).jpg', 'data b.jpg', 'data map.jpg', 'overview macro.jpg']],
    ]);
    expect(found.leftOut.map((one) => one.path)).toEqual(['v/photo.jpg']);
  });

  it('is refused without one of them, naming it, and with a name outside its folder', async () => {
    const { 'v/b.jpg': _, ...lacking } = files;
    expect((await findSlides(await uploaded(lacking), 'v')).problems).toMatchObject([
      { name: 's.vms', problem: { code: 'slide.files_missing', found: 'missing: b.jpg' } },
    ]);
    const outside = { ...files, 'v/s.vms': vms.replace('b.jpg', '../b.jpg') };
    expect((await findSlides(await uploaded(outside), 'v')).problems).toMatchObject([
      { problem: { code: 'slide.file_index' } },
    ]);
  });
});

describe('DICOM', () => {
  const seriesUid = '1.2.3';
  const file = (instanceUid: string, flavor: string, width = 100) =>
    dicomFile({ seriesUid, instanceUid, flavor, width });

  it('is grouped by series; the largest volume is the entry, label and overview are kept apart', async () => {
    const files = await uploaded({
      'case/1': file('1.2.3.1', 'VOLUME', 500),
      'case/2': file('1.2.3.2', 'VOLUME', 2000),
      'case/3': file('1.2.3.3', 'LABEL', 9000),
      'case/4': file('1.2.3.4', 'OVERVIEW'),
      'other/5': dicomFile({ seriesUid: '1.2.4', instanceUid: '1.2.4.1', flavor: 'VOLUME' }),
      'case/DICOMDIR': dicomFile({
        seriesUid,
        instanceUid: '1.2.9',
        flavor: 'VOLUME',
        sopClass: '1.2.840.10008.1.3.10',
      }),
      'case/copy of 1': file('1.2.3.1', 'VOLUME', 500),
    });
    const found = await findSlides(files, 'all.zip');
    expect(found.series.map((one) => [one.name, one.seriesUid, one.instances.length])).toEqual([
      ['case', '1.2.3', 4],
      ['other', '1.2.4', 1],
    ]);
    const shared = {
      'all/a.dcm': file('1.2.3.1', 'VOLUME'),
      'all/b.dcm': dicomFile({ seriesUid: '1.2.4', instanceUid: '1.2.4.1', flavor: 'VOLUME' }),
    };
    expect((await findSlides(await uploaded(shared), 'all')).series.map((one) => one.name)).toEqual(['a.dcm', 'b.dcm']);
    expect(found.leftOut.map((one) => [one.path, one.reason])).toEqual([
      ['case/DICOMDIR', 'a DICOM file, but not of a whole slide'],
      ['case/copy of 1', 'a second copy of a file of the series'],
    ]);
    const slide = seriesSlide('case', seriesUid, found.series[0]?.instances ?? []);
    expect(slide?.parts.map((part) => [part.path, part.role])).toEqual([
      ['1.2.3.1.dcm', 'data'],
      ['1.2.3.2.dcm', 'entry'],
      ['1.2.3.3.dcm', 'label'],
      ['1.2.3.4.dcm', 'overview'],
    ]);
  });

  it('without a volume makes no slide', async () => {
    const { series } = await findSlides(await uploaded({ a: file('1.1', 'LABEL') }), 'a');
    expect(seriesSlide('a', seriesUid, series[0]?.instances ?? [])).toBeUndefined();
  });

  it.each([
    ['an unknown ImageType', { flavor: 'MELODY' }, 'slide.dicom_instance'],
    ['a path for an instance', { instanceUid: '../../etc' }, 'slide.dicom_instance'],
    ['a deflated data set', { transferSyntax: '1.2.840.10008.1.2.1.99' }, 'slide.damaged'],
  ])('with %s is refused', async (_, wrong, code) => {
    const bytes = dicomFile({ seriesUid, instanceUid: '1.2', flavor: 'VOLUME', ...wrong });
    const found = await findSlides(await uploaded({ 'bad.dcm': bytes, 'good.dcm': file('1.2.3.1', 'VOLUME') }), 'x');
    expect(found.problems).toMatchObject([{ name: 'bad.dcm', problem: { code } }]);
    expect(found.series).toHaveLength(1);
  });
});

it('of a mixed folder every slide is found, and what is none is named', async () => {
  const files = await uploaded({
    ...mirax,
    'lab/one.svs': tiff,
    'lab/two.tiff': tiff,
    'lab/dcm/1': dicomFile({ seriesUid: '1.2', instanceUid: '1.2.1', flavor: 'VOLUME' }),
    'lab/labels.csv': 'slide,grade\n',
    'lab/photo.jpg': jpeg,
    'lab/more.zip': 'PK\x03\x04',
  });
  const found = await findSlides(files, 'lab');
  expect(found.slides.map((slide) => slide.name)).toEqual(['a.mrxs', 'one.svs', 'two.tiff']);
  expect(found.series.map((one) => one.name)).toEqual(['dcm']);
  expect(found.leftOut.map((one) => [one.path, one.reason])).toEqual([
    ['lab/labels.csv', 'a text file'],
    ['lab/photo.jpg', 'a plain JPEG picture'],
    ['lab/more.zip', 'a zip inside an upload of several files is not opened'],
  ]);
  expect(found.problems).toEqual([]);
});

it('a file that came alone is opened, whatever it is', async () => {
  const found = await findSlides(await uploaded({ 'labels.csv': 'slide,grade\n' }), 'labels.csv');
  expect(found).toMatchObject({ slides: [{ name: 'labels.csv', inFolder: false }], leftOut: [] });
});

describe('files of a series that came before', () => {
  const instance = (instanceUid: string, flavor: Instance['flavor'], sha256 = instanceUid): Instance => {
    const source = { path: instanceUid, file: '', bytes: 1, sha256 };
    return { seriesUid: '1', instanceUid, flavor, width: 1, height: 1, source };
  };
  const [volume, coarse, label] = [instance('v', 'volume'), instance('c', 'volume'), instance('l', 'label')];
  const series = (...instances: Instance[]): FoundSeries => ({ name: 's', seriesUid: '1', instances });
  const earlier = (id: string, inUse: boolean, ...instances: Instance[]) => ({ id, name: id, inUse, instances });
  const uids = (joined: ReturnType<typeof joinSeries>) =>
    joined.kind === 'join' ? joined.instances.map((one) => one.instanceUid) : joined.kind;

  it('are the same slide when it has them all', () => {
    expect(joinSeries(series(label), [earlier('e', true, volume, label)], [])).toEqual({ kind: 'known', slideId: 'e' });
  });

  it('grow a slide of which nothing was made', () => {
    const joined = joinSeries(series(coarse), [earlier('e', false, volume)], [label]);
    expect(joined).toMatchObject({ kind: 'join', replaces: 'e' });
    expect(uids(joined)).toEqual(['c', 'v', 'l']);
  });

  it('make another slide beside one that is in use, and say so', () => {
    const joined = joinSeries(series(coarse), [earlier('e', true, volume)], []);
    expect(joined).toMatchObject({ kind: 'join', note: expect.stringContaining('stays as it is') });
    expect(joined).not.toHaveProperty('replaces');
    expect(uids(joined)).toEqual(['c', 'v']);
  });

  it('with other bytes are another slide, if they have its image', () => {
    const other = instance('v', 'volume', 'other');
    expect(uids(joinSeries(series(other, label), [earlier('e', false, volume)], []))).toEqual(['v', 'l']);
    const otherLabel = instance('l', 'label', 'other');
    expect(joinSeries(series(otherLabel), [earlier('e', false, volume, label)], [])).toMatchObject({
      kind: 'refused',
      problem: { code: 'dicom.instance_differs' },
    });
  });
});
