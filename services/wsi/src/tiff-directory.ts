import { copyRemedy, refuse } from './refusal.ts';
import type { TiffBytes } from './tiff-bytes.ts';
import { typeBytes } from './tiff-tags.ts';

/** position: where the values lie in the file. */
export interface TiffEntry {
  type: number;
  count: number;
  position: number;
}

/** One image of a TIFF; values are read when they are asked for. */
export class TiffDirectory {
  readonly index: number;
  readonly #bytes: TiffBytes;
  readonly #entries: Map<number, TiffEntry>;

  constructor(bytes: TiffBytes, index: number, entries: Map<number, TiffEntry>) {
    this.#bytes = bytes;
    this.index = index;
    this.#entries = entries;
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  count(tag: number): number {
    return this.#entries.get(tag)?.count ?? 0;
  }

  async number(tag: number): Promise<number | undefined> {
    return (await this.numbers(tag))[0];
  }

  /** At most `limit` values of an integer or rational tag; none when the tag is absent. */
  async numbers(tag: number, limit = 16): Promise<number[]> {
    const entry = this.#entries.get(tag);
    if (!entry) return [];
    const read = this.#reader(entry.type);
    const step = typeBytes[entry.type];
    if (!read || !step) this.#damaged(tag, `a value of type ${entry.type}`);
    const count = Math.min(entry.count, limit);
    const buffer = await this.#bytes.read(entry.position, count * step, this.#where(tag));
    const values = new Array<number>(count);
    for (let i = 0; i < count; i += 1) values[i] = read(buffer, i * step);
    return values;
  }

  /** At most `limit` bytes of a text tag, up to its first NUL. */
  async text(tag: number, limit = 65_536): Promise<string> {
    const bytes = await this.bytes(tag, limit);
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  }

  async bytes(tag: number, limit: number): Promise<Buffer> {
    const entry = this.#entries.get(tag);
    if (!entry) return Buffer.alloc(0);
    return await this.#bytes.read(entry.position, Math.min(entry.count, limit), this.#where(tag));
  }

  #reader(type: number): ((buffer: Buffer, at: number) => number) | undefined {
    const bytes = this.#bytes;
    switch (type) {
      case 1:
        return (buffer, at) => buffer.readUInt8(at);
      case 3:
        return (buffer, at) => bytes.u16(buffer, at);
      case 4:
      case 13:
        return (buffer, at) => bytes.u32(buffer, at);
      case 5:
        return (buffer, at) => bytes.u32(buffer, at) / bytes.u32(buffer, at + 4);
      case 11:
        return (buffer, at) => (bytes.little ? buffer.readFloatLE(at) : buffer.readFloatBE(at));
      case 12:
        return (buffer, at) => (bytes.little ? buffer.readDoubleLE(at) : buffer.readDoubleBE(at));
      case 16:
      case 18:
        return (buffer, at) => bytes.u64(buffer, at);
      default:
        return undefined;
    }
  }

  #where(tag: number): string {
    return `tag ${tag} of image directory ${this.index}`;
  }

  #damaged(tag: number, found: string): never {
    refuse('damaged', {
      message: 'The file’s table of contents does not make sense; the file is damaged.',
      expected: 'a number',
      found,
      where: this.#where(tag),
      remedy: copyRemedy,
    });
  }
}
