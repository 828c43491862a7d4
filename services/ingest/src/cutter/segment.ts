const block = 512;
const chunkBytes = 4 << 20;
/** Room for a crop's .json with its header. */
const jsonRoom = 8 * block;

/** Everything of a tar header (POSIX ustar) that is the same for every entry; the time is the epoch, so bytes repeat. */
const template = Buffer.alloc(block);
template.write('0000644\0', 100, 'latin1');
template.write('0000000\0', 108, 'latin1');
template.write('0000000\0', 116, 'latin1');
template.write('00000000000\0', 136, 'latin1');
template.write('        ', 148, 'latin1');
template.write('0', 156, 'latin1');
template.write('ustar\x0000', 257, 'latin1');
const templateSum = template.reduce((sum, byte) => sum + byte, 0);

/** Tar entries in memory, in the order of their bytes. */
export type Entries = readonly Buffer[];

/**
 * A run of tar entries, written to memory that is used again once they are stored. An encoder writes its bytes where they
 * stay.
 */
export class Segment {
  /** Bytes so far. */
  bytes = 0;
  #full: Buffer[] = [];
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  readonly #free: Buffer[] = [];

  /** `write` gets at least `room` bytes and answers how many it used; the offset of the contents comes back. */
  add(name: string, room: number, write: (into: Buffer) => number): { offset: number; length: number } {
    this.#makeRoom(room + 2 * block);
    const from = this.#at + block;
    const length = write(this.#chunk.subarray(from));
    this.#header(name, length);
    const end = from + Math.ceil(length / block) * block;
    this.#chunk.fill(0, from + length, end);
    const offset = this.bytes + block;
    this.bytes += end - this.#at;
    this.#at = end;
    return { offset, length };
  }

  addText(name: string, text: string): void {
    this.add(name, Math.max(jsonRoom, 4 * text.length), (into) => into.write(text, 'utf8'));
  }

  /** What was added since the last time. */
  finish(): Entries {
    this.#endChunk();
    const entries = this.#full;
    this.#full = [];
    this.bytes = 0;
    return entries;
  }

  /** The entries are stored, their memory can be used again. */
  giveBack(entries: Entries): void {
    for (const { buffer } of entries) {
      if (buffer.byteLength === chunkBytes) this.#free.push(Buffer.from(buffer as ArrayBuffer));
    }
  }

  #endChunk(): void {
    if (this.#at > 0) this.#full.push(this.#chunk.subarray(0, this.#at));
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#chunk.length) return;
    this.#endChunk();
    const used = bytes <= chunkBytes ? this.#free.pop() : undefined;
    this.#chunk = used ?? Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes));
  }

  #header(name: string, length: number): void {
    const header = this.#chunk.subarray(this.#at, this.#at + block);
    template.copy(header);
    const nameBytes = header.write(name, 0, 100, 'latin1');
    header.write(`${length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    let sum = templateSum;
    for (let i = 0; i < nameBytes; i += 1) sum += header[i] ?? 0;
    for (let i = 124; i < 136; i += 1) sum += header[i] ?? 0;
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
}
