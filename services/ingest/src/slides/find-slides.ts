import { open } from 'node:fs/promises';
import { nameOf } from '@stroma/core/relative-path';
import { isHamamatsuIndex } from '@stroma/wsi/choose-reader';
import { fileKind } from '@stroma/wsi/file-kind';
import type { UploadFile } from '../upload/upload-file.ts';
import { findSeries } from './dicom.ts';
import type { Found, FoundSlide } from './found.ts';
import { findHamamatsu } from './hamamatsu.ts';
import { findMirax } from './mirax.ts';

/** Kinds of file that lie beside slides and are never one; every other is opened, to see what it is. */
const besideSlides = /^a text file$|picture$|archive$|document$|HDF5|video|zeros only$/;

const dicomKind = 'a DICOM file';
const hamamatsuKind = 'a Hamamatsu index';

/** Sorts the files of an upload into slides, what means to be one and is not, and the rest. Opens no slide. */
export async function findSlides(files: readonly UploadFile[], uploadName: string): Promise<Found> {
  const mirax = await findMirax(files);
  const kinds = new Map<UploadFile, string>();
  for (const file of mirax.rest) kinds.set(file, await kindOf(file));
  const ofKind = (kind: string) => mirax.rest.filter((file) => kinds.get(file) === kind);
  const hamamatsu = await findHamamatsu(ofKind(hamamatsuKind), mirax.rest);
  const instances = ofKind(dicomKind);
  const dicom = await findSeries(instances, uploadName);
  const found: Found = {
    slides: [...mirax.slides, ...hamamatsu.slides],
    series: dicom.series,
    problems: [...mirax.problems, ...hamamatsu.problems, ...dicom.problems],
    leftOut: [...mirax.leftOut, ...dicom.leftOut],
  };
  // A file that came alone is answered as itself: the reader says why it is no slide.
  const alone = files.length === 1;
  for (const file of hamamatsu.rest) {
    const kind = kinds.get(file) ?? '';
    if (kind === dicomKind) continue;
    const reason = kind === 'a zip archive' ? 'a zip inside an upload of several files is not opened' : kind;
    if (!alone && besideSlides.test(kind)) found.leftOut.push({ path: file.path, bytes: file.bytes, reason });
    else found.slides.push(oneFile(file));
  }
  return found;
}

function oneFile(source: UploadFile): FoundSlide {
  const name = nameOf(source.path);
  return { name, parts: [{ path: name, role: 'entry', source }], seriesUid: null, inFolder: false };
}

async function kindOf({ file }: UploadFile): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.subarray(0, bytesRead);
    return isHamamatsuIndex(head) ? hamamatsuKind : fileKind(head);
  } finally {
    await handle.close();
  }
}
