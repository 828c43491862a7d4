import { open } from 'node:fs/promises';
import { isDicom } from '../dicom/header.ts';
import { fileKind } from '../file-kind.ts';
import { type DicomCopy, planDicomCopy } from './dicom-copy.ts';
import { isTiff } from './find-identifying.ts';
import { refuseCopy } from './refuse-copy.ts';
import { type SlideCopy, tiffSlideCopy } from './slide-copy.ts';
import type { TiffCopyOptions } from './tiff-copy.ts';

/** Changes whenever the same slide gives other bytes than before: a download is not gone on with across it. */
export const copyVersion = 1;

export interface CopyOptions extends TiffCopyOptions {
  /** Secret of the installation: the same UIDs become the same ones, and nobody else can find out which. */
  uidKey: Buffer;
}

/** One file, or the instances of a DICOM series. */
export type DeidentifiedCopy = { file: SlideCopy } | { instances: DicomCopy[] };

/** A copy of a slide without what identifies, or a refusal that says what to do instead. The entry file comes first. */
export async function deidentifiedCopy(files: readonly string[], options: CopyOptions): Promise<DeidentifiedCopy> {
  const [entry = ''] = files;
  const head = await firstBytes(entry);
  if (isDicom(head)) return { instances: await planDicomCopy(files, options.uidKey) };
  if (isTiff(head) && files.length === 1) return { file: await tiffSlideCopy(entry, options) };
  refuseCopy(files.length === 1 ? fileKind(head) : `a slide of ${files.length} files`);
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(512);
    await handle.read(head, 0, head.length, 0);
    return head;
  } finally {
    await handle.close();
  }
}
