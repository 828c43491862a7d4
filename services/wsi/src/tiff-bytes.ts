import type { FileHandle } from 'node:fs/promises';
import { copyRemedy, refuse } from './refusal.ts';

/** Reads of a TIFF in its byte order, never beyond its end. */
export class TiffBytes {
  readonly #handle: FileHandle;
  readonly size: number;
  readonly little: boolean;
  readonly big: boolean;

  constructor(handle: FileHandle, size: number, little: boolean, big: boolean) {
    this.#handle = handle;
    this.size = size;
    this.little = little;
    this.big = big;
  }

  get offsetBytes(): number {
    return this.big ? 8 : 4;
  }

  async read(position: number, length: number, where: string): Promise<Buffer> {
    if (position + length > this.size) {
      refuse('truncated', {
        message: 'The file ends too early: a part of the slide is missing.',
        expected: `at least ${position + length} bytes`,
        found: `${this.size} bytes`,
        where,
        remedy: copyRemedy,
      });
    }
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(buffer, done, length - done, position + done);
      if (bytesRead === 0) throw new Error(`the file shrank while it was read (${where})`);
      done += bytesRead;
    }
    return buffer;
  }

  u16(buffer: Buffer, at: number): number {
    return this.little ? buffer.readUInt16LE(at) : buffer.readUInt16BE(at);
  }

  u32(buffer: Buffer, at: number): number {
    return this.little ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
  }

  /** Exact up to 2^53, which no file size reaches. */
  u64(buffer: Buffer, at: number): number {
    return Number(this.little ? buffer.readBigUInt64LE(at) : buffer.readBigUInt64BE(at));
  }

  offset(buffer: Buffer, at: number): number {
    return this.big ? this.u64(buffer, at) : this.u32(buffer, at);
  }
}
