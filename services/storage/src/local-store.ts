import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { StromaError } from '@stroma/core/errors';
import type { ObjectStore, StoredObject, UnfinishedObject } from './object-store.ts';
import { syncFolder, UnfinishedFile, unfinishedSuffix } from './unfinished-file.ts';

const keyShape = /^(?!\.)[^/\\~\p{Cc}]+(\/(?!\.)[^/\\~\p{Cc}]+)*$/u;

/** Objects as files below one folder. */
export class LocalStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  localPath(key: string): string {
    if (!keyShape.test(key)) {
      throw new StromaError({ code: 'storage.key', message: `“${key}” is not an object key.` }, 500);
    }
    return path.join(this.#root, key);
  }

  begin(key: string): Promise<UnfinishedObject> {
    return UnfinishedFile.begin(key, this.localPath(key));
  }

  async put(key: string, content: Readable | Uint8Array): Promise<StoredObject> {
    const object = await this.begin(key);
    try {
      for await (const chunk of content instanceof Readable ? content : [content]) await object.append(chunk);
    } catch (error) {
      await object.abandon();
      throw error;
    }
    return await object.finish();
  }

  async adopt(key: string, localPath: string): Promise<void> {
    const target = this.localPath(key);
    await mkdir(path.dirname(target), { recursive: true });
    const file = await open(localPath, 'r');
    await file.sync();
    await file.close();
    await rename(localPath, target);
    await syncFolder(path.dirname(target));
  }

  get(key: string): Promise<Buffer> {
    return readFile(this.localPath(key));
  }

  async range(key: string, offset: number, length: number): Promise<Buffer> {
    const file = await open(this.localPath(key), 'r');
    try {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, offset);
      if (bytesRead !== length) {
        throw new StromaError(
          {
            code: 'storage.short',
            message: 'A stored file is shorter than its index says.',
            expected: `${length} bytes at ${offset}`,
            found: `${bytesRead} bytes`,
            where: key,
            remedy: 'Restore the file from a backup, or make the crop set again.',
          },
          500,
        );
      }
      return buffer;
    } finally {
      await file.close();
    }
  }

  stream(key: string): Readable {
    return createReadStream(this.localPath(key));
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return (await stat(this.localPath(key))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.localPath(key), { recursive: true, force: true });
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for (const file of await filesBelow(this.localPath(prefix))) {
      if (!file.endsWith(unfinishedSuffix)) yield path.relative(this.#root, file);
    }
  }

  async removeUnfinished(prefix: string): Promise<number> {
    const files = (await filesBelow(this.localPath(prefix))).filter((file) => file.endsWith(unfinishedSuffix));
    for (const file of files) await rm(file, { force: true });
    return files.length;
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
