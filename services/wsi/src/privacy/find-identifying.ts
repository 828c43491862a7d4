import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { StromaError } from '@stroma/core/errors';
import { isDicom } from '../dicom/header.ts';
import { findInName } from './file-name.ts';
import { findInDicom } from './find-in-dicom.ts';
import { findInMirax } from './find-in-mirax.ts';
import { findInTiff } from './find-in-tiff.ts';
import { type Finding, Findings } from './identifier.ts';

/**
 * What a slide's files say about a person, a case, a device or a moment: kinds and places, never the values. A file that
 * cannot be looked through is a finding, not an error: what was not seen is not called clean.
 */
export async function findIdentifying(files: readonly string[], uploadedName: string): Promise<Finding[]> {
  const findings = new Findings();
  findInName(uploadedName, findings);
  for (const file of files) {
    const handle = await open(file, 'r');
    try {
      await findInFile(handle, file, findings);
    } catch (error) {
      if (!(error instanceof StromaError)) throw error;
      findings.add('file.unread', 'the file’s header');
    } finally {
      await handle.close();
    }
  }
  return findings.list();
}

async function findInFile(handle: FileHandle, file: string, findings: Findings): Promise<void> {
  const { size } = await handle.stat();
  const head = Buffer.alloc(512);
  await handle.read(head, 0, head.length, 0);
  if (isDicom(head)) await findInDicom(handle, size, findings);
  else if (isTiff(head)) await findInTiff(handle, file, findings);
  else if (path.basename(file).toLowerCase() === 'slidedat.ini') await findInMirax(handle, size, findings);
  // MIRAX keeps its tiles in Data*.dat and Index.dat, beside the .mrxs with a small JPEG of the slide.
  else if (!/\.(dat|mrxs)$/i.test(file)) findings.add('file.unread', 'the file’s header');
}

export function isTiff(head: Buffer): boolean {
  return /^(II[*+]\0|MM\0[*+])/.test(head.toString('latin1', 0, 4));
}
