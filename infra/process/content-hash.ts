import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One hash over the names and bytes of files and folders, in a fixed order; folders named in `skip` are left out. */
export async function contentHash(roots: readonly string[], skip: readonly string[] = []): Promise<string> {
  const hash = createHash('sha256');
  for (const root of roots) await add(hash, root, skip);
  return hash.digest('hex');
}

async function add(hash: ReturnType<typeof createHash>, item: string, skip: readonly string[]): Promise<void> {
  const entries = await readdir(item, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!entries) {
    hash.update(`${path.basename(item)}\0`).update(await readFile(item));
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skip.includes(entry.name)) continue;
    hash.update(`${entry.name}\0`);
    if (entry.isDirectory() || entry.isFile()) await add(hash, path.join(item, entry.name), skip);
  }
}
