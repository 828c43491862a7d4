import { Readable } from 'node:stream';
import type { NewCrop, NewShard } from '@stroma/db/crop-partition';
import type { ObjectStore } from '@stroma/storage/object-store';
import { type Pack, pack } from 'tar-stream';
import type { CutCrop } from './cut-crops.ts';

/** What every crop's .json says besides its own place. */
export interface CropContext {
  slide_id: string;
  /** File name as uploaded; the key is the slide's id, because a WebDataset key ends at its first dot. */
  slide_name: string;
  size0: number;
  mpp: number;
}

/** About a gigabyte: large reads for training, small enough to copy again. */
const shardBytes = 1_000_000_000;
const block = 512;
const writeBytes = 1 << 20;

/** Packs crops into WebDataset tars in the object store; the same crops give the same bytes. */
export class ShardWriter {
  readonly shards: NewShard[] = [];
  readonly crops: NewCrop[] = [];
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #context: CropContext;
  readonly #limit: number;
  #open: OpenShard | undefined;

  constructor(store: ObjectStore, prefix: string, context: CropContext, limit = shardBytes) {
    this.#store = store;
    this.#prefix = prefix;
    this.#context = context;
    this.#limit = limit;
  }

  async add({ x0, y0, tissueFraction, fold, quality, jpeg }: CutCrop): Promise<void> {
    this.#open ??= this.#start();
    const shard = this.#open;
    const key = `${this.#context.slide_id}_${x0}_${y0}`;
    const byteOffset = await shard.add(`${key}.jpg`, jpeg);
    const tissue_fraction = Number(tissueFraction.toFixed(4));
    await shard.add(`${key}.json`, Buffer.from(JSON.stringify({ ...this.#context, x0, y0, tissue_fraction })));
    const place = { x0, y0, shardIx: shard.ix, byteOffset, byteLength: jpeg.length };
    this.crops.push({ ...place, tissueFraction, fold, ...quality });
    shard.cropCount += 1;
    if (shard.bytes >= this.#limit) await this.finish();
  }

  /** Closes the shard at hand; it lies in the store when this resolves. */
  async finish(): Promise<void> {
    const shard = this.#open;
    if (!shard) return;
    this.#open = undefined;
    const { key, bytes, sha256 } = await shard.finish();
    this.shards.push({ ix: shard.ix, objectKey: key, sha256, bytes, cropCount: shard.cropCount });
  }

  /** Gives the shard at hand up; nothing of it stays in the store. */
  async abandon(): Promise<void> {
    await this.#open?.abandon();
    this.#open = undefined;
  }

  #start(): OpenShard {
    const ix = this.shards.length;
    return new OpenShard(ix, this.#store, `${this.#prefix}/${String(ix).padStart(6, '0')}.tar`);
  }
}

/** Headers, contents and fillings are small; the disk is asked once for many of them. */
async function* gathered(pack: Pack): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of pack as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes < writeBytes) continue;
    yield Buffer.concat(parts, bytes);
    parts = [];
    bytes = 0;
  }
  yield Buffer.concat(parts, bytes);
}

class OpenShard {
  readonly ix: number;
  bytes = 0;
  cropCount = 0;
  readonly #pack: Pack = pack();
  readonly #bytes: Readable;
  readonly #put: ReturnType<ObjectStore['put']>;

  constructor(ix: number, store: ObjectStore, key: string) {
    this.ix = ix;
    this.#bytes = Readable.from(gathered(this.#pack), { objectMode: true, highWaterMark: 1 });
    // Told to whoever reads; without a listener it would end the process.
    this.#bytes.on('error', () => undefined);
    this.#put = store.put(key, this.#bytes);
    // Looked at by add and finish, but it may fail in between.
    this.#put.catch(() => undefined);
  }

  /** Offset of the content: one header block lies before it, and it is filled up to a whole block. */
  async add(name: string, content: Buffer): Promise<number> {
    const written = new Promise<void>((resolve, reject) => {
      const header = { name, size: content.length, mtime: new Date(0), mode: 0o644, type: 'file' as const };
      const sink = this.#pack.entry(header, (error) => (error ? reject(error) : resolve()));
      sink.end(content);
    });
    // A full disk ends the put, and then nobody takes the bytes.
    await Promise.race([written, this.#put]);
    const offset = this.bytes + block;
    this.bytes = offset + Math.ceil(content.length / block) * block;
    return offset;
  }

  async finish() {
    this.#pack.finalize();
    return await this.#put;
  }

  async abandon(): Promise<void> {
    this.#bytes.destroy(new Error('the shard was given up'));
    await this.#put.catch(() => undefined);
  }
}
