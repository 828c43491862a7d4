import type { Readable } from 'node:stream';

/** What was put: enough to find it again and to prove that it is whole. */
export interface StoredObject {
  key: string;
  bytes: number;
  sha256: string;
}

export interface UnfinishedObject {
  /** A file on this machine that another process may write to, at the end of what is there. */
  readonly path: string;
  append(bytes: Uint8Array): Promise<void>;
  /** Takes in so many bytes that another process has written behind the others. */
  grown(bytes: number): Promise<void>;
  finish(): Promise<StoredObject>;
  /** Nothing of it stays. */
  abandon(): Promise<void>;
}

/**
 * Objects by key. A put is atomic: a reader sees the whole object or none, and the object is on disk when the
 * promise resolves. Keys are relative and `/`-separated; a part has no control character, `\` or `~` and does not begin with a dot.
 */
export interface ObjectStore {
  /** An object that grows at its own pace; nobody sees it before it is finished. */
  begin(key: string): Promise<UnfinishedObject>;
  put(key: string, content: Readable | Uint8Array): Promise<StoredObject>;
  /** Takes a finished local file over by renaming it; the caller has no file afterwards. */
  adopt(key: string, localPath: string): Promise<void>;
  get(key: string): Promise<Buffer>;
  /** Bytes [offset, offset + length). */
  range(key: string, offset: number, length: number): Promise<Buffer>;
  stream(key: string): Readable;
  /** Bytes, or undefined when there is no such object. */
  size(key: string): Promise<number | undefined>;
  remove(key: string): Promise<void>;
  /** Every key below a prefix, in no order. */
  list(prefix: string): AsyncGenerator<string>;
  /** Deletes what interrupted puts left below a prefix; only while nobody puts there. */
  removeUnfinished(prefix: string): Promise<number>;
  /** A path on this machine for native readers and the trainer. */
  localPath(key: string): string;
}
