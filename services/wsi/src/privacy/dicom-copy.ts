import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { DataSet, Element } from 'dicom-parser';
import { readDicomHeader } from '../dicom/header.ts';
import type { Scrub } from './copy-extents.ts';
import { dicomElement, dicomText } from './dicom-element.ts';
import { encapsulatedPixels, nativePixels } from './dicom-pixels.ts';
import { DicomRewriter, remapUid } from './dicom-rewrite.ts';
import { refuseCopy } from './refuse-copy.ts';

const implicit = '1.2.840.10008.1.2';
const explicit = '1.2.840.10008.1.2.1';
/** How pixels are stored, by transfer syntax; of others nobody here knows where a comment may hide. */
const syntaxes: Record<string, Scrub | 'native'> = {
  [implicit]: 'native',
  [explicit]: 'native',
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  '1.2.840.10008.1.2.4.90': 'jpeg2000',
  '1.2.840.10008.1.2.4.91': 'jpeg2000',
};
const undefinedLength = 0xffff_ffff;

/** One instance of the copy. */
export interface DicomCopy {
  name: string;
  open(): Readable;
}

interface Instance {
  file: string;
  dataSet: DataSet;
  pixels: Element;
  transferSyntax: string;
  stored: Scrub | 'native';
}

/**
 * The instances of a series that show the scan, each without what identifies; label, overview and the scanner's thumbnail
 * are left out. `key` makes the same UIDs of the same in every copy.
 */
export async function planDicomCopy(files: readonly string[], key: Buffer): Promise<DicomCopy[]> {
  const instances: Instance[] = [];
  for (const file of files) {
    const instance = await readInstance(file);
    if (instance) instances.push(instance);
  }
  if (instances.length === 0) refuseCopy('no instance that shows the scan');
  return instances.map((instance, i) => {
    const name = `${String(i + 1).padStart(6, '0')}.dcm`;
    return { name, open: () => Readable.from(written(instance, key), { objectMode: false }) };
  });
}

/** Undefined for an instance that is left out. */
async function readInstance(file: string): Promise<Instance | undefined> {
  const handle = await open(file, 'r');
  try {
    const { dataSet, pixels, transferSyntax } = await readDicomHeader(handle, (await handle.stat()).size);
    if (dataSet.string('x00080008')?.split('\\')[2] !== 'VOLUME') return undefined;
    if (dataSet.string('x00280301') === 'YES')
      refuseCopy('an instance whose pixels show annotations, as it says itself');
    if (dataSet.string('x00480010') === 'YES')
      refuseCopy('an instance of the scan that shows the label, as it says itself');
    const stored = syntaxes[transferSyntax] ?? refuseCopy(`transfer syntax ${transferSyntax}`);
    if (!pixels) refuseCopy('an instance without pixels');
    return { file, dataSet, pixels, transferSyntax, stored };
  } finally {
    await handle.close();
  }
}

async function* written(instance: Instance, key: Buffer): AsyncGenerator<Buffer> {
  const { file, dataSet, pixels, stored } = instance;
  yield Buffer.concat([fileMeta(instance, key), new DicomRewriter(key).header(dataSet)]);
  const handle = await open(file, 'r');
  try {
    if (stored === 'native') {
      const vr = pixels.vr === 'OB' ? 'OB' : 'OW';
      yield dicomElement('7fe00010', vr, Buffer.alloc(0), pixels.length);
      yield* nativePixels(handle, pixels.dataOffset, pixels.length);
    } else {
      yield dicomElement('7fe00010', 'OB', Buffer.alloc(0), undefinedLength);
      yield* encapsulatedPixels(handle, pixels.dataOffset, stored);
    }
  } finally {
    await handle.close();
  }
}

/** An empty preamble and the file meta information that readers need (PS3.10, 7.1). */
function fileMeta({ dataSet, transferSyntax }: Instance, key: Buffer): Buffer {
  const group = Buffer.concat([
    dicomElement('00020001', 'OB', Buffer.from([0, 1])),
    dicomText('00020002', 'UI', dataSet.string('x00080016') ?? ''),
    dicomText('00020003', 'UI', remapUid(dataSet.string('x00080018') ?? '', key)),
    dicomText('00020010', 'UI', transferSyntax === implicit ? explicit : transferSyntax),
    dicomText('00020012', 'UI', '2.25.263370124874512039563310217730148239120'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(group.length);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), dicomElement('00020000', 'UL', length), group]);
}
