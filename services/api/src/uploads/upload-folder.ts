import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '@stroma/db/client';
import { endedUploads, finishUpload, unfinishedUploads } from '@stroma/db/uploads';

export const uploadIdShape = /^[0-9a-f]{32}$/;

/** Uploads whose last byte came, but which no run reads because the api died in between. */
export async function recoverUploads(db: Database, folder: string): Promise<void> {
  for (const { id, bytes } of await unfinishedUploads(db)) {
    const file = path.join(folder, id);
    const found = await stat(file).catch(() => undefined);
    if (found?.size === bytes) await finishUpload(db, id, file);
  }
}

/** Removes what tus left of uploads that ingest took or refused: the side file, and the data of refused ones. */
export async function sweepUploads(db: Database, folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const idOf = (name: string) => path.basename(name, '.json');
  const ids = [...new Set(names.map(idOf))].filter((id) => uploadIdShape.test(id));
  const ended = await endedUploads(db, ids);
  for (const name of names) {
    if (ended.has(idOf(name))) await rm(path.join(folder, name), { force: true });
  }
}

/** The bytes and the side file of uploads that nobody wants any more. */
export async function removeUploadFiles(folder: string, ids: readonly string[]): Promise<void> {
  for (const id of ids.filter((one) => uploadIdShape.test(one))) {
    for (const name of [id, `${id}.json`]) await rm(path.join(folder, name), { force: true });
  }
}
