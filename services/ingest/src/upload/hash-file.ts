import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { StromaError } from '@stroma/core/errors';

const chunkBytes = 4 * 1024 * 1024;

export async function hashFile(
  file: string,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      onBytes((chunk as Buffer).length);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new StromaError({
      code: 'upload.file_missing',
      message: 'The uploaded file is not there any more.',
      where: 'the upload folder',
      remedy: 'Upload the slide again.',
    });
  }
  return { sha256: hash.digest('hex'), bytes };
}
