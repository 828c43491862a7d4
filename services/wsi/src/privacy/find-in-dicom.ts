import type { FileHandle } from 'node:fs/promises';
import type { DataSet } from 'dicom-parser';
import { readDicomHeader } from '../dicom/header.ts';
import { dicomKinds } from './dicom-identifiers.ts';
import { type Findings, maskedHint } from './identifier.ts';
import { hasJpegText } from './scrub-jpeg.ts';

/** Sequences in sequences; real slides have four levels. */
const maxDepth = 16;
/** Enough of a frame to see the segments before its scan. */
const frameHead = 64 * 1024;
/** What a writer puts where it has nothing to say. */
const empty = /^(unknown|anonymous|anonymized|none|n\/a)?$/i;

export async function findInDicom(handle: FileHandle, size: number, findings: Findings): Promise<void> {
  const header = await readDicomHeader(handle, size);
  const flavour = header.dataSet.string('x00080008')?.split('\\')[2];
  if (flavour === 'LABEL') findings.add('image.label', 'DICOM instance');
  if (flavour === 'OVERVIEW') findings.add('image.macro', 'DICOM instance');
  if (flavour === 'THUMBNAIL') findings.add('image.thumbnail', 'DICOM instance');
  if (header.dataSet.string('x00280301') === 'YES') findings.add('dicom.burned-in', 'DICOM (0028,0301)');
  if (header.preamble.some((byte) => byte !== 0)) findings.add('dicom.preamble', 'the first 128 bytes');
  if (header.pixels && hasJpegText(await firstFrame(handle, header.pixels.dataOffset))) {
    findings.add('jpeg.comment', 'first frame of the DICOM instance');
  }
  walk(header.dataSet, 0);

  function walk(dataSet: DataSet, depth: number): void {
    for (const { tag, length, items, vr } of Object.values(dataSet.elements)) {
      const number = tag.slice(1).toLowerCase();
      const kind = isPrivate(number) ? 'dicom.private' : dicomKinds.get(number);
      const where = `DICOM (${number.slice(0, 4)},${number.slice(4)})`;
      if (items) {
        if (kind && items.length > 0) findings.add(kind, where, `${items.length} items`);
        for (const item of depth < maxDepth ? items : []) if (item.dataSet) walk(item.dataSet, depth + 1);
      } else if (kind && length > 0) {
        const isBytes = vr === 'OB' || vr === 'OW' || vr === 'UN';
        const text = isBytes ? '' : (dataSet.string(tag) ?? '');
        if (!isBytes && empty.test(text.trim())) continue;
        findings.add(kind, where, isBytes ? `${length} bytes` : maskedHint(text));
      }
    }
  }
}

/** The beginning of the first frame: behind the item of the offset table and its own item header, 8 bytes each. */
async function firstFrame(handle: FileHandle, dataOffset: number): Promise<Buffer> {
  const item = Buffer.alloc(8);
  await handle.read(item, 0, item.length, dataOffset);
  const bytes = Buffer.alloc(frameHead);
  const { bytesRead } = await handle.read(bytes, 0, frameHead, dataOffset + 16 + item.readUInt32LE(4));
  return bytes.subarray(0, bytesRead);
}

export function isPrivate(tag: string): boolean {
  return Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;
}
