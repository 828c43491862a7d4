import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** The descriptor that the process which cuts writes its tar entries to, one after the other, without any frame. */
export const entriesFd = 3;
/** Waited on where the pipe is full and the system does not wait by itself. */
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it; blocks while the reader is behind, as a process may that has nothing else to do. */
export function writeWhole(fd: number, bytes: Buffer): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

interface Wanted {
  bytes: number;
  resolve(pieces: Buffer[]): void;
}

/** Deals a stream of bytes out in lengths that become known from elsewhere, in any order of bytes and length. */
export class ByteStream {
  #pieces: Buffer[] = [];
  #held = 0;
  readonly #wanted: Wanted[] = [];

  constructor(stream: Readable) {
    stream.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#held += piece.length;
      this.#deal();
    });
    // Its end is the process's end, which has its own event.
    stream.on('error', () => undefined);
  }

  /** The next bytes, as they came; never, when the process ends before. */
  take(bytes: number): Promise<Buffer[]> {
    return new Promise((resolve) => {
      this.#wanted.push({ bytes, resolve });
      this.#deal();
    });
  }

  #deal(): void {
    for (let first = this.#wanted[0]; first && first.bytes <= this.#held; first = this.#wanted[0]) {
      this.#wanted.shift();
      this.#held -= first.bytes;
      first.resolve(this.#split(first.bytes));
    }
  }

  #split(bytes: number): Buffer[] {
    let left = bytes;
    let whole = 0;
    while (left > 0 && (this.#pieces[whole]?.length ?? Number.POSITIVE_INFINITY) <= left) {
      left -= this.#pieces[whole]?.length ?? 0;
      whole += 1;
    }
    const taken = this.#pieces.slice(0, whole);
    this.#pieces = this.#pieces.slice(whole);
    const [torn] = this.#pieces;
    if (left > 0 && torn) {
      taken.push(torn.subarray(0, left));
      this.#pieces[0] = torn.subarray(left);
    }
    return taken;
  }
}
