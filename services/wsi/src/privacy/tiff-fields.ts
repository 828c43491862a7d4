import type { FileHandle } from 'node:fs/promises';
import { refuseContents } from '../refusal.ts';
import { TiffSource } from '../tiff/source.ts';
import { tag } from '../tiff/tags.ts';

/** Bytes of one value by TIFF field type (TIFF 6.0, section 2; BigTIFF adds 16 to 18). */
const typeBytes: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const maxDirectories = 512;
const maxEntries = 1024;

/** A field as it is stored: nothing of it is interpreted before it is asked for. */
export interface TiffField {
  tag: number;
  type: number;
  count: number;
  /** Where the value begins in the file. */
  at: number;
  bytes: number;
}

export interface TiffFields {
  index: number;
  fields: Map<number, TiffField>;
}

/** A TIFF's directories as bytes: every field, also those that no slide is read by. */
export class TiffFile {
  readonly directories: TiffFields[] = [];
  readonly littleEndian: boolean;
  readonly big: boolean;
  readonly #source: TiffSource;

  private constructor(source: TiffSource, littleEndian: boolean, big: boolean) {
    this.#source = source;
    this.littleEndian = littleEndian;
    this.big = big;
  }

  /** Of a file that begins as a TIFF: the chain first, then the sub-directories that it names. */
  static async read(handle: FileHandle, size: number): Promise<TiffFile> {
    const source = new TiffSource(handle, size);
    const head = new DataView(await source.read(0, 16, 'the TIFF header'));
    const littleEndian = head.getUint8(0) === 0x49;
    const big = head.getUint16(2, littleEndian) === 43;
    const file = new TiffFile(source, littleEndian, big);
    const seen = new Set<number>();
    let next = big ? Number(head.getBigUint64(8, littleEndian)) : head.getUint32(4, littleEndian);
    while (next !== 0) next = await file.#add(next, seen);
    for (const parent of [...file.directories]) {
      for (const child of await file.numbers(parent, tag.subIfds)) await file.#add(child, seen);
    }
    return file;
  }

  async #add(offset: number, seen: Set<number>): Promise<number> {
    const index = this.directories.length;
    if (seen.has(offset) || seen.size >= maxDirectories) {
      refuseContents(`at most ${maxDirectories} different image directories`, 'more', `image directory ${index}`);
    }
    seen.add(offset);
    const { fields, next } = await this.fieldsAt(offset, `image directory ${index}`);
    this.directories.push({ index, fields });
    return next;
  }

  /** Also for the directories of EXIF and GPS. A field of an unknown type is skipped, as TIFF 6.0 says. */
  async fieldsAt(offset: number, where: string): Promise<{ fields: Map<number, TiffField>; next: number }> {
    const [countBytes, entryBytes, offsetBytes] = this.big ? [8, 20, 8] : [2, 12, 4];
    const head = new DataView(await this.#source.read(offset, countBytes, where));
    const total = this.big ? Number(head.getBigUint64(0, this.littleEndian)) : head.getUint16(0, this.littleEndian);
    if (total === 0 || total > maxEntries) refuseContents(`1 to ${maxEntries} entries`, `${total} entries`, where);
    const tableAt = offset + countBytes;
    const table = new DataView(await this.#source.read(tableAt, total * entryBytes + offsetBytes, where));
    const fields = new Map<number, TiffField>();
    for (let i = 0; i < total; i += 1) {
      const at = i * entryBytes;
      const type = table.getUint16(at + 2, this.littleEndian);
      const unit = typeBytes[type];
      if (unit === undefined) continue;
      const count = this.#offset(table, at + 4);
      const inline = at + 4 + offsetBytes;
      const bytes = unit * count;
      const value = bytes <= offsetBytes ? tableAt + inline : this.#offset(table, inline);
      const number = table.getUint16(at, this.littleEndian);
      fields.set(number, { tag: number, type, count, at: value, bytes });
    }
    return { fields, next: this.#offset(table, total * entryBytes) };
  }

  #offset(view: DataView, at: number): number {
    return this.big ? Number(view.getBigUint64(at, this.littleEndian)) : view.getUint32(at, this.littleEndian);
  }

  /** A field's bytes in the file's own order, no more than `most` of them. */
  async bytes(field: TiffField, most = Number.MAX_SAFE_INTEGER): Promise<Buffer> {
    return Buffer.from(await this.#source.read(field.at, Math.min(field.bytes, most), `tag ${field.tag}`));
  }

  /** A text up to its first NUL; what lies behind it is copied nowhere. */
  async text(directory: TiffFields, tag: number, most = 8 * 1024 * 1024): Promise<string> {
    const field = directory.fields.get(tag);
    if (!field || ![1, 2, 7].includes(field.type)) return '';
    const text = (await this.bytes(field, most)).toString('utf8');
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  }

  async number(directory: TiffFields, tag: number): Promise<number | undefined> {
    return (await this.numbers(directory, tag))[0];
  }

  /** The first values of a field of whole numbers or floats; none for any other. */
  async numbers(directory: TiffFields, tag: number, most = Number.MAX_SAFE_INTEGER): Promise<Float64Array> {
    const field = directory.fields.get(tag);
    if (!field || ![1, 3, 4, 9, 11, 13, 16, 18].includes(field.type)) return new Float64Array();
    const unit = typeBytes[field.type] ?? 1;
    const count = Math.min(field.count, most);
    const view = new DataView(await this.#source.read(field.at, count * unit, `tag ${tag}`));
    const numbers = new Float64Array(count);
    for (let i = 0; i < count; i += 1) numbers[i] = this.#numberAt(view, i, field.type, unit);
    return numbers;
  }

  #numberAt(view: DataView, i: number, type: number, unit: number): number {
    if (unit === 1) return view.getUint8(i);
    if (unit === 2) return view.getUint16(2 * i, this.littleEndian);
    if (type === 11) return view.getFloat32(4 * i, this.littleEndian);
    if (type === 9) return view.getInt32(4 * i, this.littleEndian);
    if (unit === 4) return view.getUint32(4 * i, this.littleEndian);
    return Number(view.getBigUint64(8 * i, this.littleEndian));
  }
}
