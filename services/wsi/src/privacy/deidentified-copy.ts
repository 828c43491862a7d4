import { open } from 'node:fs/promises';
import { fileKind } from '../file-kind.ts';
import { isTiff } from './find-identifying.ts';
import { refuseCopy } from './refuse-copy.ts';
import { type SlideCopy, tiffSlideCopy } from './slide-copy.ts';
import type { TiffCopyOptions } from './tiff-copy.ts';

/** Changes whenever the same slide gives other bytes than before: a download is not gone on with across it. */
export const copyVersion = 1;

/** A copy of a slide without what identifies, or a refusal that says what to do instead. */
export async function deidentifiedCopy(file: string, options: TiffCopyOptions): Promise<SlideCopy> {
  const head = await firstBytes(file);
  if (isTiff(head)) return await tiffSlideCopy(file, options);
  refuseCopy(fileKind(head));
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
