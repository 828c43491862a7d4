import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openGroup } from '@stroma/db/upload-groups';
import { createUpload, finishUpload } from '@stroma/db/uploads';
import { type ZipOfEntry, zipOf } from '../fixtures/zip-of.ts';
import type { IngestWorkbench } from './ingest-worker.ts';

/** Path → bytes, or a file to copy. */
export type Contents = Record<string, Buffer | string>;

/** A small slide of every scanner's format, in a new folder. */
export async function vendorSlides(python: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-vendors-'));
  await promisify(execFile)(python, [path.resolve(import.meta.dirname, '../fixtures/vendor_slides.py'), folder]);
  return folder;
}

/** Every file below a folder, by its path in it. */
export async function contentsOf(folder: string, below = ''): Promise<Contents> {
  const entries = await readdir(path.join(folder, below), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(files.sort().map((file) => [path.relative(folder, file), file]));
}

export async function zipped(contents: Contents, change: Record<string, Partial<ZipOfEntry>> = {}): Promise<Buffer> {
  const entries = Object.entries(contents).map(async ([name, content]) => {
    const data = typeof content === 'string' ? await readFile(content) : content;
    return { name, data, deflate: true, ...change[name] };
  });
  return zipOf(await Promise.all(entries));
}

/** Announces files and sends them as the api takes them; only those of `sent`, where the sender is interrupted. */
export async function uploadGroup(
  bench: IngestWorkbench,
  name: string,
  contents: Contents,
  sent = Object.keys(contents),
): Promise<string> {
  const { db, uploads } = bench;
  const user = { id: 'sender', name: 'Sender', email: 'sender@lab' };
  await db
    .insertInto('appUser')
    .values(user)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const bytesOf = new Map<string, Buffer>();
  for (const [place, content] of Object.entries(contents)) {
    bytesOf.set(place, typeof content === 'string' ? await readFile(content) : content);
  }
  const files = [...bytesOf].map(([place, bytes]) => ({ path: place, bytes: bytes.length }));
  const { id: groupId } = await openGroup(db, { userId: user.id, name, files });
  for (const place of sent) {
    const id = randomBytes(16).toString('hex');
    const content = bytesOf.get(place) ?? Buffer.alloc(0);
    const inGroup = { groupId, path: place };
    await createUpload(db, { id, userId: user.id, fileName: path.basename(place), bytes: content.length, inGroup });
    await writeFile(path.join(uploads, id), content);
    await finishUpload(db, id, path.join(uploads, id));
  }
  return groupId;
}

/** A file that is sent by itself. */
export async function uploadAlone(bench: IngestWorkbench, fileName: string, content: Buffer | string) {
  const id = randomBytes(16).toString('hex');
  const file = path.join(bench.uploads, id);
  if (typeof content === 'string') await copyFile(content, file);
  else await writeFile(file, content);
  const { db } = bench;
  await db.insertInto('upload').values({ id, fileName, bytes: 1 }).execute();
  await finishUpload(db, id, file);
  return id;
}

export async function findingsIn(bench: IngestWorkbench, id: string) {
  const rows = await bench.db.selectFrom('uploadFinding').selectAll().orderBy('id').execute();
  return rows.filter((row) => row.uploadId === id || row.groupId === id);
}

export async function filesOf(bench: IngestWorkbench, slideId: string) {
  return await bench.db.selectFrom('slideFile').selectAll().where('slideId', '=', slideId).orderBy('path').execute();
}
