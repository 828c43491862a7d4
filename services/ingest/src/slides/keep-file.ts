import { createReadStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import type { ObjectStore } from '@stroma/storage/object-store';

/** Errors that mean: no second name for this file here (another device, or a file system without links). */
const cannotLink = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

/**
 * Puts a file into the store and leaves it where it is: a second name of the same bytes (`second`, outside the store) is
 * moved in, or, where that cannot be, a copy. Done twice it changes nothing.
 */
export async function keepFile(store: ObjectStore, key: string, file: string, second: string): Promise<void> {
  await rm(second, { force: true });
  try {
    await link(file, second);
    await store.adopt(key, second);
  } catch (error) {
    if (!cannotLink.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await store.put(key, createReadStream(file));
  } finally {
    // Renaming one name of a file onto another of the same file leaves both.
    await rm(second, { force: true });
  }
}
