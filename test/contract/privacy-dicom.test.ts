import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asProblem } from '@stroma/core/errors';
import { deidentifiedCopy } from '@stroma/wsi/privacy/deidentified-copy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedSlides, temporaryFolder, withSharedSlides } from '../unit/wsi-tiff.ts';
import {
  filesOf,
  leaked,
  type Planted,
  readSlides,
  slidesPython,
  writeIdentifyingSlides,
} from './identifying-slides.ts';

interface Seen {
  values: Record<string, string[]>;
  keywords: Record<string, string>;
  frames: string;
  preamble: string;
}
interface Slide {
  mpp: number | null;
  vendor: string;
  levels: { size: number[]; sha256: string }[];
  associated: string[];
}

let folder: string;
let planted: Planted;
const uidKey = Buffer.alloc(32, 7);

/** Writes the copy's instances to a folder; gives their files. */
async function copied(files: string[], into: string, key = uidKey): Promise<string[]> {
  const copy = await deidentifiedCopy(files, { spacing: null, thumbnail: Buffer.alloc(0), uidKey: key });
  if (!('instances' in copy)) throw new Error('a DICOM series has instances');
  const target = path.join(folder, into);
  await mkdir(target);
  for (const { name, open } of copy.instances) {
    await pipeline(open(), createWriteStream(path.join(target, name)));
  }
  return await filesOf(target);
}

const frames = (seen: Seen[]) => seen.map((each) => each.frames).sort();
const uids = (seen: Seen[], tag: string) => seen.map((each) => each.values[tag]?.[0]);

describe.skipIf(!slidesPython)('a de-identified copy of a DICOM series', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    planted = (await writeIdentifyingSlides(folder)).dicom as Planted;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('holds none of the texts, dates and UIDs, no private attribute, no label and no overview', async () => {
    const source = await filesOf(path.join(folder, 'dicom'));
    const files = await copied(source, 'copy');
    expect(files.length).toBe(2);
    for (const file of files) expect(leaked(await readFile(file), planted)).toEqual([]);
    const before = await readSlides<Seen[]>('pydicom', ...source.slice(0, 2));
    const after = await readSlides<Seen[]>('pydicom', ...files);
    expect(frames(after)).toEqual(frames(before));
    for (const { keywords, values, preamble } of after) {
      expect(keywords).toMatchObject({ PatientName: '', PatientID: '', PatientBirthDate: '', AccessionNumber: '' });
      expect(keywords).toMatchObject({ PatientIdentityRemoved: 'YES', BurnedInAnnotation: 'NO' });
      expect(Object.keys(values).filter((tag) => Number.parseInt(tag.slice(0, 4), 16) % 2 === 1)).toEqual([]);
      expect(preamble).toBe('00'.repeat(128));
    }
    // One series stays one, and its instances stay apart.
    for (const tag of ['0020000d', '0020000e', '00200052']) {
      expect(new Set(uids(after, tag)).size).toBe(1);
      expect(uids(after, tag)[0]).toMatch(/^2\.25\.\d{1,39}$/);
    }
    expect(new Set(uids(after, '00080018')).size).toBe(2);
    expect(uids(after, '00080018')).toEqual(uids(after, '00020003'));
  });

  it('has the same UIDs in every copy of an installation, and others elsewhere', async () => {
    const source = (await filesOf(path.join(folder, 'dicom'))).slice(0, 1);
    const files = [
      ...(await copied(source, 'once')),
      ...(await copied(source, 'again')),
      ...(await copied(source, 'elsewhere', Buffer.alloc(32, 8))),
    ];
    const [once, again, elsewhere] = uids(await readSlides<Seen[]>('pydicom', ...files), '0020000d');
    expect(again).toBe(once);
    expect(elsewhere).not.toBe(once);
  });

  it('opens in OpenSlide with the same pixels and scale', async () => {
    const series = withSharedSlides ? ['dicom-cmu1-small', 'camelyon-jpeg2000.dcm', 'boxes_0.dcm'] : [];
    const sources = [path.join(folder, 'dicom'), ...series.map((name) => path.join(sharedSlides, name))];
    const pairs: string[] = [];
    for (const [i, source] of sources.entries()) {
      const files = await copied(await filesOf(source), `opened-${i}`);
      pairs.push((await volume(await filesOf(source))) ?? '', (await volume(files)) ?? '');
      for (const file of files) {
        expect((await readFile(file)).toString('latin1')).not.toMatch(/Penelope|GO-1692|Camelyon|Hospital|PYDICOM/);
      }
    }
    const seen = await readSlides<Slide[]>('openslide', ...pairs);
    for (let i = 0; i < seen.length; i += 2) {
      const [before, after] = [seen[i], seen[i + 1]];
      expect([after?.vendor, after?.mpp, after?.levels]).toEqual([before?.vendor, before?.mpp, before?.levels]);
      expect(after?.associated).toEqual([]);
    }
  });

  it('is refused where the file says that its pixels show annotations or the label', async () => {
    const [source = ''] = await filesOf(path.join(folder, 'dicom'));
    const bytes = await readFile(source);
    for (const tag of [Buffer.from([0x28, 0, 1, 3]), Buffer.from([0x48, 0, 0x10, 0])]) {
      const said = Buffer.from(bytes);
      // Tag, VR, length 2 or 4: NO becomes YES, in a place made by the file's own padding.
      const at = said.indexOf(tag);
      const longer = Buffer.concat([
        said.subarray(0, at + 6),
        Buffer.from([4, 0]),
        Buffer.from('YES '),
        said.subarray(at + 10),
      ]);
      const file = path.join(folder, 'said.dcm');
      await writeFile(file, longer);
      const problem = await copied([file], `said-${tag[0]}`).then(() => undefined, asProblem);
      expect(problem).toMatchObject({
        code: 'slide.not_deidentifiable',
        found: expect.stringContaining('says itself'),
      });
    }
  });

  it('is refused where nothing of it shows the scan', async () => {
    const labels = (await filesOf(path.join(folder, 'dicom'))).slice(2);
    const problem = await copied(labels, 'labels').then(() => undefined, asProblem);
    expect(problem?.found).toBe('no instance that shows the scan');
  });
});

/** OpenSlide opens a series by any of its volumes. */
async function volume(files: string[]): Promise<string | undefined> {
  for (const file of files) if ((await readFile(file)).includes('VOLUME')) return file;
  return undefined;
}
