/** A field to be written; `bytes` in the byte order of the file. */
export interface HeadField {
  tag: number;
  type: number;
  count: number;
  bytes: Buffer;
}

const long = 4;
const long8 = 16;

/** Writes a TIFF's header and directories; the pixels follow it. */
export class TiffHead {
  readonly littleEndian: boolean;
  readonly big: boolean;

  constructor(littleEndian: boolean, big: boolean) {
    this.littleEndian = littleEndian;
    this.big = big;
  }

  ascii(tag: number, text: string): HeadField {
    const bytes = Buffer.from(`${text}\0`, 'latin1');
    return { tag, type: 2, count: bytes.length, bytes };
  }

  shorts(tag: number, ...values: number[]): HeadField {
    const bytes = Buffer.alloc(2 * values.length);
    for (const [i, value] of values.entries()) {
      if (this.littleEndian) bytes.writeUInt16LE(value, 2 * i);
      else bytes.writeUInt16BE(value, 2 * i);
    }
    return { tag, type: 3, count: values.length, bytes };
  }

  /** Offsets and lengths: as wide as the file's offsets. */
  offsets(tag: number, values: ArrayLike<number>): HeadField {
    const bytes = Buffer.alloc(values.length * this.#offsetBytes);
    for (let i = 0; i < values.length; i += 1) this.#writeOffset(bytes, i * this.#offsetBytes, values[i] ?? 0);
    return { tag, type: this.big ? long8 : long, count: values.length, bytes };
  }

  /** px per centimetre with a thousandth of a px. */
  rational(tag: number, value: number): HeadField {
    const bytes = Buffer.alloc(8);
    const [over, under] = [Math.round(value * 1000), 1000];
    for (const [i, part] of [over, under].entries()) {
      if (this.littleEndian) bytes.writeUInt32LE(part, 4 * i);
      else bytes.writeUInt32BE(part, 4 * i);
    }
    return { tag, type: 5, count: 1, bytes };
  }

  /** Bytes that header and directories take; it depends on the fields' sizes alone. */
  size(directories: readonly HeadField[][]): number {
    return this.#place(directories).end;
  }

  write(directories: readonly HeadField[][]): Buffer {
    const { places, end } = this.#place(directories);
    const out = Buffer.alloc(end);
    out.write(this.littleEndian ? 'II' : 'MM', 0, 'latin1');
    this.#write16(out, 2, this.big ? 43 : 42);
    if (this.big) this.#write16(out, 4, 8);
    this.#writeOffset(out, this.big ? 8 : 4, places[0] ?? 0);
    for (const [i, fields] of directories.entries()) {
      this.#writeDirectory(out, places[i] ?? 0, fields, places[i + 1] ?? 0);
    }
    return out;
  }

  get #offsetBytes(): number {
    return this.big ? 8 : 4;
  }

  #place(directories: readonly HeadField[][]): { places: number[]; end: number } {
    const places: number[] = [];
    let at = this.big ? 16 : 8;
    for (const fields of directories) {
      places.push(at);
      at += this.#tableBytes(fields);
      for (const { bytes } of fields) if (bytes.length > this.#offsetBytes) at += even(bytes.length);
    }
    return { places, end: at };
  }

  #tableBytes(fields: HeadField[]): number {
    const [count, entry] = this.big ? [8, 20] : [2, 12];
    return count + fields.length * entry + this.#offsetBytes;
  }

  #writeDirectory(out: Buffer, start: number, fields: HeadField[], next: number): void {
    const sorted = [...fields].sort((a, b) => a.tag - b.tag);
    let at = start;
    if (this.big) this.#writeOffset(out, at, sorted.length);
    else this.#write16(out, at, sorted.length);
    at += this.big ? 8 : 2;
    let valuesAt = start + this.#tableBytes(fields);
    for (const { tag, type, count, bytes } of sorted) {
      this.#write16(out, at, tag);
      this.#write16(out, at + 2, type);
      this.#writeOffset(out, at + 4, count);
      const value = at + 4 + this.#offsetBytes;
      if (bytes.length <= this.#offsetBytes) bytes.copy(out, value);
      else {
        this.#writeOffset(out, value, valuesAt);
        bytes.copy(out, valuesAt);
        valuesAt += even(bytes.length);
      }
      at = value + this.#offsetBytes;
    }
    this.#writeOffset(out, at, next);
  }

  #write16(out: Buffer, at: number, value: number): void {
    if (this.littleEndian) out.writeUInt16LE(value, at);
    else out.writeUInt16BE(value, at);
  }

  #writeOffset(out: Buffer, at: number, value: number): void {
    if (this.big) {
      const [low, high] = [value % 0x1_0000_0000, Math.floor(value / 0x1_0000_0000)];
      this.#write32(out, at, this.littleEndian ? low : high);
      this.#write32(out, at + 4, this.littleEndian ? high : low);
    } else this.#write32(out, at, value);
  }

  #write32(out: Buffer, at: number, value: number): void {
    if (this.littleEndian) out.writeUInt32LE(value, at);
    else out.writeUInt32BE(value, at);
  }
}

/** TIFF wants values at even offsets. */
const even = (bytes: number) => bytes + (bytes % 2);
