import { StromaError } from '@stroma/core/errors';
import type { PlannedCrop } from '@stroma/wsi/crop-plan';
import { decodeJpegSync } from '@stroma/wsi/jpeg-sync';
import type { SlideFile } from '@stroma/wsi/slide-file';
import type { StructureLevel } from '@stroma/wsi/slide-structure';
import { TileRuns } from './tile-runs.ts';

/** The rectangle that is read for one crop, in px of the level. */
export interface ReadSize {
  readWidth: number;
  readHeight: number;
}

/**
 * Decoded tiles of one level for a list of crops, each decoded once and held only until its last crop has been cut. For
 * crops row by row that is the rows of tiles that one row of crops touches. Decoding blocks: a process does nothing
 * else beside it.
 */
export class TileWindow {
  readonly #slide: SlideFile;
  readonly #level: StructureLevel;
  readonly #read: ReadSize;
  readonly #crops: readonly PlannedCrop[];
  readonly #across: number;
  /** Where the tiles are JPEG; other levels are decoded by their reader. */
  readonly #runs: TileRuns | undefined;
  /** How many crops still need a tile. */
  readonly #needs = new Map<number, number>();
  /**
   * The crop's pixels, then a slot for every tile that is held at once: inside one piece of memory rows move without
   * an object each, which twice copies the hundreds of rows of a crop in the time.
   */
  readonly #memory: Buffer;
  /** Tile → slot; undefined stands for a tile that cannot be read. */
  readonly #held = new Map<number, number | undefined>();
  readonly #free: number[];
  /** RGB of the crop that was cut last, readWidth × readHeight. */
  readonly pixels: Buffer;
  /** Row × tiles across + column. */
  readonly unreadableTiles: number[] = [];
  decodedTiles = 0;

  constructor(slide: SlideFile, level: number, read: ReadSize, crops: readonly PlannedCrop[]) {
    this.#slide = slide;
    this.#level = slide.level(level);
    this.#read = read;
    this.#crops = crops;
    this.#across = Math.ceil(this.#level.width / this.#level.tileWidth);
    for (const crop of crops) {
      for (const index of this.#tilesOf(crop)) this.#needs.set(index, (this.#needs.get(index) ?? 0) + 1);
    }
    const { readWidth, readHeight } = read;
    const slots = this.#mostHeld();
    this.#memory = Buffer.allocUnsafeSlow(readWidth * readHeight * 3 + slots * this.#slotBytes());
    this.pixels = this.#memory.subarray(0, readWidth * readHeight * 3);
    this.#free = Array.from({ length: slots }, (_, slot) => slot);
    const stored = slide.storedTiles?.(level);
    const inOrder = [...this.#needs.keys()].sort((a, b) => a - b);
    this.#runs = stored && new TileRuns(stored, this.#across, inOrder);
  }

  /**
   * Puts the pixels of crop `ix` into `pixels`; false when one of its tiles cannot be read. Asked once for every crop, in
   * order.
   */
  async cut(ix: number): Promise<boolean> {
    const crop = this.#crops[ix];
    if (!crop) throw new RangeError(`there is no crop ${ix}`);
    const { readWidth, readHeight } = this.#read;
    const right = Math.min(crop.left + readWidth, this.#level.width);
    const bottom = Math.min(crop.top + readHeight, this.#level.height);
    if (right - crop.left < readWidth || bottom - crop.top < readHeight) this.pixels.fill(255);
    let whole = true;
    for (const index of this.#tilesOf(crop)) {
      const slot = this.#held.has(index) ? this.#held.get(index) : await this.#decode(index);
      if (slot === undefined) whole = false;
      else this.#copy(slot, index, crop, { right, bottom });
      this.#giveBack(index, slot);
    }
    return whole;
  }

  #copy(slot: number, index: number, { left, top }: PlannedCrop, end: { right: number; bottom: number }) {
    const { tileWidth, tileHeight } = this.#level;
    const { readWidth } = this.#read;
    const tileX = (index % this.#across) * tileWidth;
    const tileY = Math.floor(index / this.#across) * tileHeight;
    const slotAt = this.pixels.length + slot * this.#slotBytes();
    const from = Math.max(tileX, left);
    const bytes = (Math.min(tileX + tileWidth, end.right) - from) * 3;
    const lastRow = Math.min(tileY + tileHeight, end.bottom);
    for (let y = Math.max(tileY, top); y < lastRow; y += 1) {
      const source = slotAt + ((y - tileY) * tileWidth + from - tileX) * 3;
      this.#memory.copyWithin(((y - top) * readWidth + from - left) * 3, source, source + bytes);
    }
  }

  *#tilesOf({ left, top }: PlannedCrop): Generator<number> {
    const { tileWidth, tileHeight, width, height } = this.#level;
    const lastColumn = Math.floor((Math.min(left + this.#read.readWidth, width) - 1) / tileWidth);
    const lastRow = Math.floor((Math.min(top + this.#read.readHeight, height) - 1) / tileHeight);
    for (let row = Math.floor(top / tileHeight); row <= lastRow; row += 1) {
      for (let column = Math.floor(left / tileWidth); column <= lastColumn; column += 1) {
        yield row * this.#across + column;
      }
    }
  }

  async #decode(index: number): Promise<number | undefined> {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error('more tiles are held than the crops need');
    const at = this.pixels.length + slot * this.#slotBytes();
    const memory = this.#memory.subarray(at, at + this.#slotBytes());
    this.decodedTiles += 1;
    try {
      const pixels = await this.#pixels(index, this.#level.level, memory);
      if (pixels.byteOffset !== memory.byteOffset || pixels.buffer !== memory.buffer) memory.set(pixels);
      this.#held.set(index, slot);
      return slot;
    } catch (error) {
      if (!(error instanceof StromaError)) throw error;
      this.unreadableTiles.push(index);
      this.#free.push(slot);
      this.#held.set(index, undefined);
      return undefined;
    }
  }

  async #pixels(index: number, level: number, memory: Buffer): Promise<Buffer> {
    if (!this.#runs) {
      return await this.#slide.decodedTile(level, index % this.#across, Math.floor(index / this.#across), memory);
    }
    const { tileWidth, tileHeight } = this.#level;
    const { data, width, height } = decodeJpegSync(await this.#runs.take(index), memory);
    if (width === tileWidth && height === tileHeight) return data;
    throw new StromaError({
      code: 'slide.tile_damaged',
      message: 'A tile of the slide is damaged.',
      expected: `${tileWidth} × ${tileHeight} px`,
      found: `${width} × ${height} px`,
    });
  }

  #giveBack(index: number, slot: number | undefined): void {
    const left = (this.#needs.get(index) ?? 1) - 1;
    this.#needs.set(index, left);
    if (left > 0) return;
    this.#held.delete(index);
    if (slot !== undefined) this.#free.push(slot);
  }

  #slotBytes(): number {
    return this.#level.tileWidth * this.#level.tileHeight * 3;
  }

  /** Tiles that are held at once when the crops are cut in their order. */
  #mostHeld(): number {
    const left = new Map(this.#needs);
    const held = new Set<number>();
    let most = 0;
    for (const crop of this.#crops) {
      const tiles = [...this.#tilesOf(crop)];
      for (const index of tiles) held.add(index);
      most = Math.max(most, held.size);
      for (const index of tiles) {
        left.set(index, (left.get(index) ?? 1) - 1);
        if (left.get(index) === 0) held.delete(index);
      }
    }
    return most;
  }
}
