import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '@stroma/db/client';
import { settledUploadPaths } from '@stroma/db/slides';

/** Deletes upload files whose reading is over; a kill right after the commit leaves such a file behind. */
export async function removeSettledUploads(db: Database, uploads: string): Promise<number> {
  const names = await readdir(uploads).catch(() => []);
  // A run may name its file by the whole path or inside the folder.
  const paths = names.flatMap((name) => [name, path.join(uploads, name)]);
  const settled = await settledUploadPaths(db, paths);
  for (const file of settled) await rm(path.resolve(uploads, file), { force: true });
  return settled.length;
}
