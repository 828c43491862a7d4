import { open } from 'node:fs/promises';
import type { RunProgress } from '@stroma/core/http/job';
import { hashFile } from './hash-file.ts';
import { type Unpacked, unpackZip } from './unpack-zip.ts';
import type { UploadToRead } from './upload-to-read.ts';

/** The files of an upload with their hashes, a zip unpacked into the (empty) work folder. */
export async function takeIn(
  upload: UploadToRead,
  signal: AbortSignal,
  report: (progress: RunProgress) => void,
): Promise<Unpacked> {
  const startedAt = performance.now();
  const tell = (phase: string) => (done: number, total: number) => {
    const ratePerS = (1000 * done) / Math.max(performance.now() - startedAt, 1);
    report({ phase, done, total, unit: 'byte', ratePerS });
  };
  const [only] = upload.files;
  if (only && upload.files.length === 1 && (await isZip(only.file))) {
    return await unpackZip(only.file, upload.workFolder, signal, tell('unpack'));
  }
  const total = upload.files.reduce((sum, file) => sum + file.bytes, 0);
  const files: Unpacked['files'] = [];
  let done = 0;
  for (const { path, file } of upload.files) {
    const onBytes = (count: number) => {
      done += count;
      tell('hash')(done, Math.max(total, done));
    };
    files.push({ path, file, ...(await hashFile(file, signal, onBytes)) });
  }
  return { files, leftOut: [] };
}

/** A local file header, or the end of an archive without entries. */
async function isZip(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return ['PK\x03\x04', 'PK\x05\x06'].includes(buffer.toString('latin1'));
  } finally {
    await handle.close();
  }
}
