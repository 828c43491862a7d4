import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { StoredObject, UnfinishedObject } from './object-store.ts';

/** Unfinished objects carry this ending; keys cannot end so, and a restart may delete them. */
export const unfinishedSuffix = '.unfinished~';
const readBytes = 4 << 20;
/** The disk is given work so often: of a gigabyte that it first hears of at the end everybody would wait for it. */
const syncBytes = 64 << 20;

/** A file under a temporary name until it is whole and on disk. */
export class UnfinishedFile implements UnfinishedObject {
  readonly path: string;
  readonly #key: string;
  readonly #target: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #memory: Buffer | undefined;
  #syncedTo = 0;
  #syncing: Promise<void> | undefined;

  private constructor(key: string, target: string, unfinished: string, file: FileHandle) {
    this.#key = key;
    this.#target = target;
    this.path = unfinished;
    this.#file = file;
  }

  static async begin(key: string, target: string): Promise<UnfinishedFile> {
    await mkdir(path.dirname(target), { recursive: true });
    const unfinished = `${target}.${randomUUID()}${unfinishedSuffix}`;
    return new UnfinishedFile(key, target, unfinished, await open(unfinished, 'wx+'));
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#bytes + at);
      at += bytesWritten;
    }
    this.#bytes += bytes.length;
    this.#syncSometimes();
  }

  /** They were written a moment ago: reading them back asks the system's memory, not the disk. */
  async grown(bytes: number): Promise<void> {
    this.#memory ??= Buffer.allocUnsafeSlow(readBytes);
    const end = this.#bytes + bytes;
    while (this.#bytes < end) {
      const length = Math.min(this.#memory.length, end - this.#bytes);
      const { bytesRead } = await this.#file.read(this.#memory, 0, length, this.#bytes);
      if (bytesRead === 0) throw new Error(`${this.path} ends ${end - this.#bytes} bytes too early`);
      this.#hash.update(this.#memory.subarray(0, bytesRead));
      this.#bytes += bytesRead;
    }
    this.#syncSometimes();
  }

  async finish(): Promise<StoredObject> {
    try {
      await this.#syncing;
      await this.#file.sync();
      await this.#file.close();
      await rename(this.path, this.#target);
    } catch (error) {
      await this.abandon();
      throw error;
    }
    await syncFolder(path.dirname(this.#target));
    return { key: this.#key, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  #syncSometimes(): void {
    if (this.#syncing || this.#bytes - this.#syncedTo < syncBytes) return;
    this.#syncedTo = this.#bytes;
    const syncing = this.#file.datasync().then(() => {
      this.#syncing = undefined;
    });
    // Told to whoever finishes: a sync that failed stays.
    syncing.catch(() => undefined);
    this.#syncing = syncing;
  }

  async abandon(): Promise<void> {
    await this.#syncing?.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }
}

/** A rename is on disk only once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
