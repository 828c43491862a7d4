import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Temporary name, fsync, rename, fsync of the folder: a reader sees the whole file or none. */
export async function writeWhole(target: string, text: string): Promise<void> {
  const unfinished = `${target}.unfinished~`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, target);
  const folder = await open(path.dirname(target), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
