import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PictureEvent } from '@stroma/core/contract/run-directory';

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Why the picture of an event cannot be shown; undefined when it can. The run directory is part of the object store, so
 * a picture that is whole is stored already.
 */
export async function pictureProblem(runFolder: string, event: PictureEvent): Promise<string | undefined> {
  const file = path.join(runFolder, event.path);
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile()) return 'there is no such file';
  if (found.size !== event.bytes) return `it has ${found.size} bytes, its event says ${event.bytes}`;
  const content = await readFile(file);
  if (!content.subarray(0, 8).equals(pngSignature)) return 'it is no PNG';
  const sha256 = createHash('sha256').update(content).digest('hex');
  return sha256 === event.sha256 ? undefined : `its SHA-256 is ${sha256}, its event says ${event.sha256}`;
}
