import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { requestCropSets } from '@stroma/db/crop-sets';
import { auditObjects } from '@stroma/infra/reconcile';
import { openSlide } from '@stroma/wsi/open-slide';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { dicomFile } from '../fixtures/dicom-file.ts';
import { sharedSlides, withOpenSlide, withSharedSlides } from '../unit/wsi-tiff.ts';
import { pythonWith } from './inference-python.ts';
import {
  type Contents,
  contentsOf,
  filesOf,
  findingsIn,
  uploadAlone,
  uploadGroup,
  vendorSlides,
  zipped,
} from './ingest-bundles.ts';
import { finishUnderKills, IngestWorkbench, slideBytes } from './ingest-worker.ts';

const python = withOpenSlide ? pythonWith(['tifffile', 'imagecodecs', 'pydicom']) : undefined;
if (!python) console.log('skipped: no OpenSlide, or no Python with the tools that write slides (STROMA_PYTHON)');

let database: TestDatabase;
let bench: IngestWorkbench;
let vendors: string;
let all: Contents;
const some = (...starts: string[]): Contents =>
  Object.fromEntries(Object.entries(all).filter(([name]) => starts.some((start) => name.startsWith(start))));

describe.skipIf(!python)('slides of several files', () => {
  beforeAll(async () => {
    database = await withSchema();
    bench = await IngestWorkbench.open(database);
    bench.start();
    vendors = await vendorSlides(python ?? '');
    all = await contentsOf(vendors);
  });
  afterAll(async () => {
    await bench?.close();
    await database?.close();
    await rm(vendors, { recursive: true, force: true });
  });

  async function slideIdOf(uploadOrGroup: string): Promise<string> {
    await bench.idle();
    const [finding, ...others] = await findingsIn(bench, uploadOrGroup);
    expect([finding?.kind, finding?.problem, others]).toEqual(['slide', null, []]);
    return finding?.slideId ?? '';
  }

  it('a MIRAX zip is one slide that opens from the store', async () => {
    const id = await slideIdOf(await uploadAlone(bench, 'case 7.zip', await zipped(some('mirax'))));
    const slide = await database.db.selectFrom('slide').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(slide).toMatchObject({ name: 'mirax.mrxs', format: 'mirax', reader: 'openslide' });
    const files = await filesOf(bench, id);
    expect(files.map((file) => [file.path, file.role])).toEqual([
      ['slide.mrxs', 'entry'],
      ['slide/Data0000.dat', 'data'],
      ['slide/Index.dat', 'data'],
      ['slide/Slidedat.ini', 'data'],
    ]);
    const manifest = files.map((file) => `${file.sha256}  ${file.path}\n`).sort();
    expect(slide.sha256).toBe(createHash('sha256').update(manifest.join('')).digest('hex'));
    for (const file of files) {
      expect(file.objectKey).toBe(`slides/${slide.sha256}/${file.path}`);
      const bytes = await bench.store.get(file.objectKey);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    }
    const opened = await openSlide(bench.store.localPath(slide.objectKey));
    const levels = await database.db.selectFrom('slideLevel').select('width').where('slideId', '=', id).execute();
    expect(opened.structure.levels).toHaveLength(levels.length);
    await opened.close();
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('the same MIRAX as a folder under another name is the same slide', async () => {
    const renamed = Object.entries(some('mirax')).map(([name, file]) => [name.replace('mirax', 'scan/other'), file]);
    const groupId = await uploadGroup(bench, 'scan', Object.fromEntries(renamed));
    await bench.idle();
    const [finding] = await findingsIn(bench, groupId);
    expect(finding).toMatchObject({ kind: 'slide', isDuplicate: true, fileCount: 4 });
    expect(await database.db.selectFrom('slide').select('name').execute()).toEqual([{ name: 'mirax.mrxs' }]);
  });

  it('a MIRAX without a data file, or with a broken one, is refused and names it; the slide beside it is taken', async () => {
    const mirax = some('mirax');
    const svs = await slideBytes({ shade: 7 });
    const { 'mirax/Data0000.dat': _, ...lacking } = mirax;
    const missing = await uploadAlone(bench, 'missing.zip', await zipped({ ...lacking, 'good.svs': svs }));
    const damage = { 'mirax/Data0000.dat': { crc: 7 } };
    const broken = await uploadAlone(bench, 'broken.zip', await zipped({ ...mirax, 'good.svs': svs }, damage));
    await bench.idle();
    for (const id of [missing, broken]) {
      const findings = await findingsIn(bench, id);
      expect(findings.find((one) => one.kind === 'refused')).toMatchObject({
        name: 'mirax.mrxs',
        problem: { code: 'slide.files_missing', found: 'missing: Data0000.dat' },
      });
      expect(findings.find((one) => one.kind === 'slide')).toMatchObject({ name: 'good.svs' });
    }
    expect((await findingsIn(bench, broken)).find((one) => one.kind === 'left_out')).toMatchObject({
      name: expect.stringContaining('damaged inside the zip'),
      files: ['mirax/Data0000.dat'],
    });
  });

  it.each([
    ['a path out of the zip', '../../escaped', {}, 'zip.name'],
    ['a link', 'link', { mode: 0o120777 }, 'zip.name'],
    ['a bomb', 'zeros', { uncompressedSize: 4e9 }, 'zip.bomb'],
  ])('%s refuses the zip before anything is unpacked', async (_, name, change, code) => {
    const id = await uploadAlone(
      bench,
      'bad.zip',
      await zipped({ ...some('mirax'), [name]: Buffer.alloc(1000) }, { [name]: change }),
    );
    await bench.idle();
    const upload = await database.db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(upload).toMatchObject({ status: 'refused', slideId: null, refusal: { code } });
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('a folder of every format: each slide is found, what is none is named', async () => {
    const groupId = await uploadGroup(bench, 'scanners', {
      ...all,
      'labels.csv': Buffer.from('slide_id,grade\n'),
      'truncated.svs': (await slideBytes({ shade: 3 })).subarray(0, 2000),
    });
    await bench.idle(110_000);
    const findings = await findingsIn(bench, groupId);
    const named = (kind: string) => findings.filter((one) => one.kind === kind).map((one) => one.name);
    // One slide a file or folder of the generator, besides the JPEGs that the .vms names.
    const isPart = (name: string) => /^mirax\/|^vms-/.test(name);
    const expected = new Set(
      Object.keys(all)
        .filter((name) => !isPart(name))
        .map((name) => name.split('/')[0] ?? ''),
    );
    expect(named('slide').sort()).toEqual([...expected].sort());
    expect(expected.size).toBeGreaterThanOrEqual(11);
    expect(named('refused')).toEqual(['truncated.svs']);
    expect(findings.find((one) => one.name === 'a text file')?.files).toContain('labels.csv');
    const uploads = await database.db.selectFrom('upload').selectAll().where('groupId', '=', groupId).execute();
    const statusOf = (name: string) => uploads.find((upload) => upload.path === name)?.status;
    expect(['dicom/level-0.dcm', 'labels.csv', 'truncated.svs'].map(statusOf)).toEqual([
      'registered',
      'left_out',
      'refused',
    ]);
    expect(await auditObjects(database.db, bench.store)).toEqual({ orphans: [], missing: [] });
  }, 120_000);

  it('a group of which files are still to come is not read; announced again it goes on', async () => {
    const dicom = Object.fromEntries(Object.entries(some('dicom')).map(([name, file]) => [`again/${name}`, file]));
    const [first, ...rest] = Object.keys(dicom);
    const groupId = await uploadGroup(bench, 'half', dicom, [first ?? '']);
    await bench.idle();
    const group = () =>
      database.db.selectFrom('uploadGroup').select('status').where('id', '=', groupId).executeTakeFirst();
    expect([await group(), await findingsIn(bench, groupId)]).toEqual([{ status: 'receiving' }, []]);
    expect(await uploadGroup(bench, 'half', dicom, rest)).toBe(groupId);
    expect(await slideIdOf(groupId)).toBeTruthy();
    expect(await group()).toEqual({ status: 'read' });
  });

  it('a DICOM series that gets a file later stays what it is where crops were cut, and another slide has all', async () => {
    const fresh = await contentsOf(await vendorSlides(python ?? ''));
    const level = (n: number) => fresh[`dicom/level-${n}.dcm`] as string;
    const before = await slideIdOf(await uploadGroup(bench, 'lab', { 'lab/0': level(0), 'lab/1': level(1) }));
    const { db } = database;
    await requestCropSets(db, [before], [0.5]);
    await bench.idle();
    const upload = await uploadAlone(bench, 'level-2.dcm', level(2));
    const after = await slideIdOf(upload);
    expect((await findingsIn(bench, upload))[0]?.note).toContain('stays as it is because something was made of it');
    expect(after).not.toBe(before);
    expect([(await filesOf(bench, before)).length, (await filesOf(bench, after)).length]).toEqual([2, 3]);
    // A file that cannot be read is refused where it would be level 0, else told: the reader passes over it.
    const series = await db.selectFrom('slide').select('seriesUid').where('id', '=', after).executeTakeFirstOrThrow();
    const empty = { seriesUid: series.seriesUid ?? '', flavor: 'VOLUME', height: 9000 };
    const huge = await uploadAlone(bench, 'a.dcm', dicomFile({ ...empty, instanceUid: '1.2.3', width: 9000 }));
    await bench.idle();
    expect((await findingsIn(bench, huge))[0]).toMatchObject({ kind: 'refused', name: 'a.dcm' });
    const tiny = await uploadAlone(bench, 'b.dcm', dicomFile({ ...empty, instanceUid: '1.2.4', width: 1 }));
    const grown = await slideIdOf(tiny);
    const { quirks } = await db.selectFrom('slide').select('quirks').where('id', '=', grown).executeTakeFirstOrThrow();
    expect(quirks).toContain('only 3 of the 4 VOLUME files of the series can be read');
    expect(await auditObjects(db, bench.store)).toEqual({ orphans: [], missing: [] });
  });
});

const withRealSeries = withOpenSlide && withSharedSlides;
if (!withRealSeries) console.log('skipped: the real DICOM series, ../shared/data or OpenSlide is absent');

describe.skipIf(!withRealSeries)('the real DICOM series', () => {
  const folder = path.join(sharedSlides, 'dicom-cmu1-small');
  const fileOf = (ending: string) => path.join(folder, `1.2.826.0.1.3680043.8.498.${ending}.dcm`);
  const thumbnail = fileOf('19892419232914172529737438501532904243');
  const label = fileOf('25547727731242830391830454722824599650');
  const volume = fileOf('48407760015771729984593744789552618416');
  const overview = fileOf('68297860750526126870974958290035028993');

  let database: TestDatabase;
  let bench: IngestWorkbench;
  beforeAll(async () => {
    database = await withSchema();
    bench = await IngestWorkbench.open(database);
    bench.start();
  });
  afterAll(async () => {
    await bench?.close();
    await database?.close();
  });

  it('sent file by file becomes one slide, whatever comes first; sent again as zip and folder it is the same', async () => {
    const { db } = database;
    const statusOf = async (id: string) =>
      await db.selectFrom('upload').select(['status', 'slideId']).where('id', '=', id).executeTakeFirstOrThrow();
    const labelUpload = await uploadAlone(bench, 'label.dcm', label);
    const overviewUpload = await uploadAlone(bench, 'overview.dcm', overview);
    await bench.idle();
    expect([(await statusOf(labelUpload)).status, (await statusOf(overviewUpload)).status]).toEqual([
      'waiting',
      'waiting',
    ]);
    expect((await findingsIn(bench, labelUpload))[0]?.note).toContain('LABEL of a DICOM series; it waits');
    expect((await readdir(bench.uploads)).sort()).toEqual([labelUpload, overviewUpload].sort());

    const volumeUpload = await uploadAlone(bench, 'volume.dcm', volume);
    await bench.idle();
    const { slideId: three } = await statusOf(volumeUpload);
    expect((await filesOf(bench, three ?? '')).map((file) => file.role).sort()).toEqual(['entry', 'label', 'overview']);
    await db
      .updateTable('slide')
      .set({ mppUserX: 0.4, mppUserY: 0.4, scaleChoice: 'user' })
      .where('id', '=', three ?? '')
      .execute();

    const thumbnailUpload = await uploadAlone(bench, 'thumbnail.dcm', thumbnail);
    await bench.idle();
    const [slide, ...others] = await db.selectFrom('slide').selectAll().execute();
    expect(others).toEqual([]);
    expect(slide).toMatchObject({ name: 'volume.dcm', width0: 2220, height0: 2967, format: 'dicom', mppX: 0.4 });
    expect(slide?.id).not.toBe(three);
    for (const id of [labelUpload, overviewUpload, volumeUpload, thumbnailUpload]) {
      expect(await statusOf(id)).toEqual({ status: 'registered', slideId: slide?.id });
      expect(await findingsIn(bench, id)).toMatchObject([{ kind: 'slide', slideId: slide?.id, isDuplicate: false }]);
    }
    expect(await filesOf(bench, slide?.id ?? '')).toHaveLength(4);
    expect(await readdir(bench.uploads)).toEqual([]);

    const contents = await contentsOf(folder);
    const zip = await uploadAlone(bench, 'series.zip', await zipped(contents));
    const group = await uploadGroup(bench, 'series', contents);
    const one = await uploadAlone(bench, 'label again.dcm', label);
    await bench.idle();
    for (const id of [zip, group, one]) {
      expect(await findingsIn(bench, id)).toMatchObject([{ kind: 'slide', slideId: slide?.id, isDuplicate: true }]);
    }
    expect(await auditObjects(db, bench.store)).toEqual({ orphans: [], missing: [] });
  });

  it('two files of one series, and a label alone in a folder', async () => {
    const boxes = {
      'boxes/0': path.join(sharedSlides, 'boxes_0.dcm'),
      'boxes/1': path.join(sharedSlides, 'boxes_1.dcm'),
    };
    const group = await uploadGroup(bench, 'boxes', boxes);
    const alone = await uploadGroup(bench, 'labels', {
      'labels/label.dcm': dicomFile({ seriesUid: '1.2.3', instanceUid: '1.2.3.1', flavor: 'LABEL' }),
    });
    await bench.idle();
    const [finding] = await findingsIn(bench, group);
    expect(finding).toMatchObject({ kind: 'slide', name: 'boxes', fileCount: 2 });
    expect((await filesOf(bench, finding?.slideId ?? '')).map((file) => file.role).sort()).toEqual([
      'entry',
      'thumbnail',
    ]);
    expect(await findingsIn(bench, alone)).toMatchObject([{ kind: 'refused', problem: { code: 'dicom.no_image' } }]);
  });
});

it.skipIf(!withRealSeries || !python)(
  'kill -9 at any moment: a zip and a folder of slides are read to their end',
  async () => {
    await using database = await withSchema();
    const bench = await IngestWorkbench.open(database);
    const folder = await vendorSlides(python ?? '');
    try {
      const contents = { ...(await contentsOf(folder, 'mirax')), ...(await contentsOf(folder, 'dicom')) };
      contents['mirax.mrxs'] = path.join(folder, 'mirax.mrxs');
      const zip = await uploadAlone(bench, 'all.zip', await zipped(contents));
      const group = await uploadGroup(bench, 'series', await contentsOf(path.join(sharedSlides, 'dicom-cmu1-small')));
      const label = await uploadAlone(bench, 'boxes.dcm', path.join(sharedSlides, 'boxes_1.dcm'));
      const hits = await finishUnderKills(bench, 3);
      expect(hits, bench.output).toBeGreaterThan(0);
      expect((await findingsIn(bench, zip)).filter((one) => one.kind === 'slide')).toHaveLength(2);
      expect(await findingsIn(bench, group)).toMatchObject([{ kind: 'slide', fileCount: 4 }]);
      expect(await findingsIn(bench, label)).toMatchObject([{ kind: 'waiting' }]);
      expect(await database.db.selectFrom('slide').select('id').execute()).toHaveLength(3);
      expect(await auditObjects(database.db, bench.store)).toEqual({ orphans: [], missing: [] });
      expect(await readdir(bench.uploads)).toEqual([label]);
    } finally {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  180_000,
);
