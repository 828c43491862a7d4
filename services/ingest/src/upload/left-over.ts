import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '@stroma/db/client';
import { endedReadings, settledUploadPaths } from '@stroma/db/uploads';
import { workFolderId } from './upload-to-read.ts';

/** Deletes upload files whose reading is over, and what was unpacked of them: a kill leaves both behind. */
export async function removeLeftOver(db: Database, uploads: string): Promise<number> {
  const names = await readdir(uploads).catch(() => []);
  // A run may name its file by the whole path or inside the folder.
  const paths = names.flatMap((name) => [name, path.join(uploads, name)]);
  const settled = await settledUploadPaths(db, paths);
  for (const file of settled) await rm(path.resolve(uploads, file), { force: true });
  const folders = names.filter((name) => workFolderId(name) !== undefined);
  const ended = await endedReadings(
    db,
    folders.map((name) => workFolderId(name) ?? ''),
  );
  const left = folders.filter((name) => ended.has(workFolderId(name) ?? ''));
  for (const name of left) await rm(path.join(uploads, name), { recursive: true, force: true });
  return settled.length + left.length;
}
