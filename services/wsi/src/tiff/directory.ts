import { type ImageFileDirectory, registerTag, type TypedArray } from 'geotiff';
import { refuseContents } from '../refusal.ts';
import { readByGeotiff } from './source.ts';
import { tag } from './tags.ts';

// Of a tag that geotiff knows as an array it takes memory for the stated count when it meets the tag, and reads the
// values as little-endian in every file. As plain fields they are read when asked for, in the file's byte order.
for (const [name, number] of Object.entries(tag)) registerTag(number, name, undefined, false, false);

/** One image of a TIFF; values are read when they are asked for. */
export class TiffDirectory {
  readonly index: number;
  /** Index of the directory that names this one as its sub-directory. */
  readonly parent: number | undefined;
  readonly #fields: ImageFileDirectory;
  readonly #counts: Map<number, number>;

  constructor(index: number, parent: number | undefined, fields: ImageFileDirectory, counts: Map<number, number>) {
    this.index = index;
    this.parent = parent;
    this.#fields = fields;
    this.#counts = counts;
  }

  has(tag: number): boolean {
    return this.#counts.has(tag);
  }

  /** How many values the file states, true or not; reads none of them. */
  count(tag: number): number {
    return this.#counts.get(tag) ?? 0;
  }

  async number(tag: number): Promise<number | undefined> {
    return (await this.numbers(tag))[0];
  }

  async numbers(tag: number): Promise<number[]> {
    return Array.from(await this.list(tag));
  }

  /** The values of a number tag, as many as a slide needs of it, as geotiff holds them; none when the tag is absent. */
  async list(tag: number): Promise<ArrayLike<number>> {
    const value = await this.#load(tag);
    if (value === undefined) return [];
    if (typeof value === 'number') return [value];
    // No number that a slide is read by is stored in single bytes.
    if (typeof value === 'string' || value instanceof Uint8Array) {
      refuseContents('numbers', 'text or bytes', this.#where(tag));
    }
    // geotiff gives a rational as its two whole numbers.
    const [over = 0, under = 0] = value;
    return value.length > this.count(tag) ? [over / under] : value;
  }

  /** A text up to its first NUL. */
  async text(tag: number): Promise<string> {
    const value = await this.#load(tag);
    if (typeof value !== 'string') return '';
    const end = value.indexOf('\0');
    return end < 0 ? value : value.slice(0, end);
  }

  async bytes(tag: number): Promise<Buffer> {
    const value = await this.#load(tag);
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : Buffer.alloc(0);
  }

  #load(tag: number): Promise<number | string | TypedArray | number[] | undefined> {
    if (this.has(tag) && !this.#fields.hasTag(tag)) {
      refuseContents('a value', 'a field of an unknown type', this.#where(tag));
    }
    return readByGeotiff(this.#fields.loadValue(tag), this.#where(tag));
  }

  #where(tag: number): string {
    return `tag ${tag} of image directory ${this.index}`;
  }
}
