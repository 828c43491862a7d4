import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { NewCrop, NewShard } from '@stroma/db/crop-partition';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { StoredBlock } from './cut-crops.ts';
import { rowAt } from './number-table.ts';

/** About a gigabyte: large reads for training, small enough to copy again. */
const shardBytes = 1_000_000_000;
const writeBytes = 1 << 20;
/** A tar ends with two empty blocks. */
const tarEnd = Buffer.alloc(1024);

/** Joins blocks of tar entries to WebDataset tars in the object store; the same crops give the same bytes. */
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
  async add({ pieces, rows, planned, bytes }: StoredBlock): Promise<NewCrop[]> {
    if (rows.length === 0) return [];
    this.#open ??= this.#start();
    const shard = this.#open;
    const from = shard.bytes;
    for (const piece of gathered(pieces)) await shard.write(piece);
    const crops = Array.from({ length: rows.length }, (_, i) => {
      const { ix, offset, length, ...quality } = rowAt(rows, i);
      const { x0, y0, tissueFraction, fold } = rowAt(planned, ix);
      const place = { shardIx: shard.ix, byteOffset: from + offset, byteLength: length };
      return { x0, y0, tissueFraction, fold, ...place, ...quality };
    });
    shard.cropCount += crops.length;
    this.cropCount += crops.length;
    this.bytes += bytes;
    if (shard.bytes >= this.#limit) this.#end(shard);
    return crops;
  }

  /** Every shard lies in the store when this resolves. */
  async finish(): Promise<NewShard[]> {
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

  #start(): OpenShard {
    const ix = this.#done.length;
    return new OpenShard(ix, this.#store, `${this.#prefix}/${String(ix).padStart(6, '0')}.tar`);
  }
}

/** Pieces come as pipes give them; the disk is asked once for many of them. */
function* gathered(pieces: readonly Buffer[]): Generator<Buffer> {
  let some: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    some.push(piece);
    bytes += piece.length;
    if (bytes < writeBytes) continue;
    yield Buffer.concat(some, bytes);
    some = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(some, bytes);
}

class OpenShard {
  readonly ix: number;
  bytes = 0;
  cropCount = 0;
  readonly #bytes = new PassThrough({ objectMode: true, highWaterMark: 4 });
  readonly #put: ReturnType<ObjectStore['put']>;

  constructor(ix: number, store: ObjectStore, key: string) {
    this.ix = ix;
    // Told to whoever reads; without a listener it would end the process.
    this.#bytes.on('error', () => undefined);
    this.#put = store.put(key, this.#bytes);
    // Looked at by write and finish, but it may fail in between.
    this.#put.catch(() => undefined);
  }

  async write(piece: Buffer): Promise<void> {
    this.bytes += piece.length;
    // A full disk ends the put, and then nobody takes the bytes.
    if (!this.#bytes.write(piece)) await Promise.race([once(this.#bytes, 'drain'), this.#put]);
  }

  async finish(): Promise<NewShard> {
    this.#bytes.end(tarEnd);
    const { key, bytes, sha256 } = await this.#put;
    return { ix: this.ix, objectKey: key, sha256, bytes, cropCount: this.cropCount };
  }

  async abandon(): Promise<void> {
    this.#bytes.destroy(new Error('the shard was given up'));
    await this.#put.catch(() => undefined);
  }
}
