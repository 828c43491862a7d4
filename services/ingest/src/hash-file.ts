import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import type { RunProgress } from '@stroma/core/http/job';

const chunkBytes = 4 * 1024 * 1024;

export async function hashFile(
  file: string,
  signal: AbortSignal,
  report: (progress: RunProgress) => void,
): Promise<{ sha256: string; bytes: number }> {
  const total = await sizeOf(file);
  const hash = createHash('sha256');
  const startedAt = performance.now();
  let done = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal })) {
    hash.update(chunk as Buffer);
    done += (chunk as Buffer).length;
    const seconds = (performance.now() - startedAt) / 1000;
    report({ phase: 'hash', done, total, unit: 'byte', ratePerS: done / Math.max(seconds, 1e-3) });
  }
  return { sha256: hash.digest('hex'), bytes: done };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new StromaError({
      code: 'upload.file_missing',
      message: 'The uploaded file is not there any more.',
      where: 'the upload folder',
      remedy: 'Upload the slide again.',
    });
  }
}
