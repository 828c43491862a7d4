import { rm } from 'node:fs/promises';
import path from 'node:path';
import { findIdentifying } from '@stroma/wsi/privacy/find-identifying';
import { identifierOf, identifiers } from '@stroma/wsi/privacy/identifiers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSlides, temporaryFolder, withSharedSlides } from '../unit/wsi-tiff.ts';
import { filesOf, leaked, type Planted, slidesPython, writeIdentifyingSlides } from './identifying-slides.ts';

let folder: string;
let slides: Record<string, Planted>;

const find = async (slide: string, name = 'slide.svs') => await findIdentifying(await filesOf(slide), name);

describe.skipIf(!slidesPython)('identifiers of a slide that has them everywhere', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    slides = await writeIdentifyingSlides(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['aperio.svs', 'aperio-big.svs', 'generic.tif', 'slide.ome.tif', 'slide.ndpi', 'dicom'])(
    'are found in %s',
    async (name) => {
      const planted = slides[name] as Planted;
      const found = await find(path.join(folder, name));
      expect(planted.kinds.length).toBeGreaterThan(8);
      expect(found.map(({ kind }) => kind)).toEqual(expect.arrayContaining(planted.kinds));
      // Every kind is in the table, and no answer holds a value.
      expect(found.filter(({ kind }) => !identifierOf.has(kind))).toEqual([]);
      expect(leaked(Buffer.from(JSON.stringify(found)), planted)).toEqual([]);
    },
  );
});

describe.skipIf(!withSharedSlides)('real slides', () => {
  it('Aperio: user, scanner, file name, date, label and macro', async () => {
    const found = await find(path.join(sharedSlides, 'CMU-1-Small-Region.svs'));
    const kinds = [
      'aperio.user',
      'aperio.scanscope-id',
      'aperio.filename',
      'aperio.date',
      'image.label',
      'image.macro',
    ];
    expect(found.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
    expect(JSON.stringify(found)).not.toMatch(/CPAPERIOCS|b414003d|CMU-1/);
  });

  it('DICOM: patient, physician, accession, barcode, private attributes', async () => {
    const found = await find(path.join(sharedSlides, 'camelyon-jpeg2000.dcm'));
    const kinds = ['dicom.0010-0010', 'dicom.0008-0090', 'dicom.0008-0050', 'dicom.2200-0005', 'dicom.private'];
    expect(found.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
    expect(JSON.stringify(found)).not.toMatch(/Penelope|Bruce|GO-1692/);
  });

  it('a plain pyramid has none', async () => {
    expect(await find(path.join(sharedSlides, 'CMU-1-small.tiff'))).toEqual([]);
  });

  it('a file that cannot be looked through is not called clean', async () => {
    for (const name of ['broken.svs', 'empty.svs']) {
      expect(await find(path.join(sharedSlides, 'bad', name))).toMatchObject([{ kind: 'file.unread' }]);
    }
  });
});

it('the table knows 40 kinds and more, each once, with its source', () => {
  expect(identifierOf.size).toBe(identifiers.length);
  expect(identifiers.length).toBeGreaterThan(40);
  expect(identifiers.filter(({ name, at, source }) => !name || !at || !source)).toEqual([]);
});
