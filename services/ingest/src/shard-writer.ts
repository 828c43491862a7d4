import type { NewCrop, NewShard } from '@stroma/db/crop-partition';
import type { ObjectStore, UnfinishedObject } from '@stroma/storage/object-store';
import type { StoredBlock } from './cut-crops.ts';
import { rowAt } from './number-table.ts';

/** About a gigabyte: large reads for training, small enough to copy again. */
const shardBytes = 1_000_000_000;
/** A tar ends with two empty blocks. */
const tarEnd = Buffer.alloc(1024);

/**
 * Joins blocks of tar entries to WebDataset tars in the object store; the same crops give the same bytes. The processes
 * that cut write their blocks to the shard themselves, each where the one before it ends: this process never holds a crop.
 */
export class ShardWriter {
  cropCount = 0;
  bytes = 0;
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #limit: number;
  readonly #done: Promise<NewShard>[] = [];
  #open: OpenShard | undefined;

  constructor(store: ObjectStore, prefix: string, limit = shardBytes) {
    this.#store = store;
    this.#prefix = prefix;
    this.#limit = limit;
  }

  /** The rows of the block's crops, now that their place is known. */
  async add(block: StoredBlock): Promise<NewCrop[]> {
    const { rows, planned, bytes } = block;
    this.#open ??= await this.#start();
    const shard = this.#open;
    const from = shard.bytes;
    await shard.add(block);
    const crops = Array.from({ length: rows.length }, (_, i) => {
      const { ix, offset, length, ...quality } = rowAt(rows, i);
      const { x0, y0, tissueFraction, fold } = rowAt(planned, ix);
      const place = { shardIx: shard.ix, byteOffset: from + offset, byteLength: length };
      return { x0, y0, tissueFraction, fold, ...place, ...quality };
    });
    this.cropCount += crops.length;
    this.bytes += bytes;
    if (shard.bytes >= this.#limit) this.#end(shard);
    return crops;
  }

  /** Every shard lies in the store when this resolves. */
  async finish(): Promise<NewShard[]> {
    if (this.#open?.cropCount === 0) await this.abandon();
    if (this.#open) this.#end(this.#open);
    return await Promise.all(this.#done);
  }

  /** Gives the shard at hand up; nothing of it stays in the store. */
  async abandon(): Promise<void> {
    await this.#open?.abandon();
    this.#open = undefined;
    await Promise.allSettled(this.#done);
  }

  /** The disk takes its time for a gigabyte; the next shard is begun meanwhile. */
  #end(shard: OpenShard): void {
    this.#open = undefined;
    const done = shard.finish();
    // Told to whoever finishes; it may fail in between.
    done.catch(() => undefined);
    this.#done.push(done);
  }

  async #start(): Promise<OpenShard> {
    const ix = this.#done.length;
    return new OpenShard(ix, await this.#store.begin(`${this.#prefix}/${String(ix).padStart(6, '0')}.tar`));
  }
}

class OpenShard {
  readonly ix: number;
  bytes = 0;
  cropCount = 0;
  readonly #object: UnfinishedObject;
  /** Blocks are taken in one after the other, while later ones are still being written. */
  #taken: Promise<void> = Promise.resolve();
  #fault: unknown;

  constructor(ix: number, object: UnfinishedObject) {
    this.ix = ix;
    this.#object = object;
  }

  async add({ write, bytes, rows }: StoredBlock): Promise<void> {
    if (this.#fault) throw this.#fault;
    const written = write(this.#object.path, this.bytes);
    this.bytes += bytes;
    this.cropCount += rows.length;
    const before = this.#taken;
    this.#taken = Promise.all([before, written]).then(() => this.#object.grown(bytes));
    this.#taken.catch((error: unknown) => {
      this.#fault ??= error;
    });
    // The process that writes cuts its next block first; more than one block behind, this one waits for it.
    await before;
  }

  async finish(): Promise<NewShard> {
    try {
      await this.#taken;
      await this.#object.append(tarEnd);
    } catch (error) {
      await this.#object.abandon();
      throw error;
    }
    const { key, bytes, sha256 } = await this.#object.finish();
    return { ix: this.ix, objectKey: key, sha256, bytes, cropCount: this.cropCount };
  }

  async abandon(): Promise<void> {
    // What is still being written finds no file, or one that nobody sees.
    await this.#object.abandon();
  }
}
