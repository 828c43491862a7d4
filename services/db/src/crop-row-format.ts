import type { NewCrop } from './crop-partition.ts';

/** The columns of a row, in the order that CropBatch writes them. */
export const copiedColumns =
  'crop_set_id, ix, x0, y0, tissue_fraction, shard_ix, byte_offset, byte_length, sharpness, pen, saturation, darkness, fold';
const fieldCount = copiedColumns.split(',').length;
/** A count of fields (2 bytes), then a length (4) and a value of 4 bytes each; byte_offset has 8. */
const mostRowBytes = 2 + fieldCount * 8 + 4;

/** Signature, flags, length of the extension. */
const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** A field count of -1. */
const trailerBytes = 2;

/** Rows in Postgres' binary COPY format: no number becomes text here to become a number again there. */
export class CropBatch {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = header.length;

  constructor(maxRows: number) {
    this.#bytes = Buffer.allocUnsafeSlow(header.length + maxRows * mostRowBytes + trailerBytes);
    this.#view = new DataView(this.#bytes.buffer);
    header.copy(this.#bytes);
  }

  get isEmpty(): boolean {
    return this.#at === header.length;
  }

  get isFull(): boolean {
    return this.#at + mostRowBytes + trailerBytes > this.#bytes.length;
  }

  add(cropSetId: number, ix: number, crop: NewCrop): void {
    this.#view.setInt16(this.#at, fieldCount);
    this.#at += 2;
    this.#int4(cropSetId);
    this.#int4(ix);
    this.#int4(crop.x0);
    this.#int4(crop.y0);
    this.#real(crop.tissueFraction);
    this.#int4(crop.shardIx);
    this.#int8(crop.byteOffset);
    this.#int4(crop.byteLength);
    this.#real(crop.sharpness);
    this.#real(crop.pen);
    this.#real(crop.saturation);
    this.#real(crop.darkness);
    this.#real(crop.fold);
  }

  /** All of it; nothing can be added afterwards. */
  end(): Buffer {
    this.#view.setInt16(this.#at, -1);
    return this.#bytes.subarray(0, this.#at + trailerBytes);
  }

  #int4(value: number): void {
    this.#view.setInt32(this.#at, 4);
    this.#view.setInt32(this.#at + 4, value);
    this.#at += 8;
  }

  #int8(value: number): void {
    this.#view.setInt32(this.#at, 8);
    this.#view.setInt32(this.#at + 4, Math.floor(value / 2 ** 32));
    this.#view.setUint32(this.#at + 8, value % 2 ** 32);
    this.#at += 12;
  }

  /** NaN is null, whose length is -1. */
  #real(value: number): void {
    const isNull = Number.isNaN(value);
    this.#view.setInt32(this.#at, isNull ? -1 : 4);
    if (!isNull) this.#view.setFloat32(this.#at + 4, value);
    this.#at += isNull ? 4 : 8;
  }
}
