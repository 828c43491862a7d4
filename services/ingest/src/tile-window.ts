import { StromaError } from '@stroma/core/errors';
import type { CropPlan, PlannedCrop } from '@stroma/wsi/crop-plan';
import type { SlideFile } from '@stroma/wsi/slide-file';
import type { StructureLevel } from '@stroma/wsi/slide-structure';

interface Held {
  pixels: Promise<Buffer | undefined>;
  memory: Buffer;
}

/**
 * Decoded tiles of one level, each decoded once and held only until its last crop has been cut. Crops are cut row by
 * row, so at most the rows of tiles that one row of crops touches are held.
 */
export class TileWindow {
  readonly #slide: SlideFile;
  readonly #level: StructureLevel;
  readonly #across: number;
  readonly #readWidth: number;
  readonly #readHeight: number;
  /** How many crops still need a tile. */
  readonly #needs: Uint32Array;
  readonly #held = new Map<number, Held>();
  /** Memory of tiles that are done, used again. */
  readonly #free: Buffer[] = [];
  unreadableTiles = 0;
  decodedTiles = 0;

  constructor(slide: SlideFile, plan: CropPlan) {
    this.#slide = slide;
    this.#level = slide.level(plan.level);
    this.#readWidth = plan.readWidth;
    this.#readHeight = plan.readHeight;
    this.#across = Math.ceil(this.#level.width / this.#level.tileWidth);
    this.#needs = new Uint32Array(this.#across * Math.ceil(this.#level.height / this.#level.tileHeight));
    for (const crop of plan.crops) {
      for (const index of this.#tilesOf(crop)) this.#needs[index] = (this.#needs[index] ?? 0) + 1;
    }
  }

  /**
   * Copies the rectangle's pixels into `out` (readWidth × readHeight of RGB); false when one of its tiles cannot be read. Asked once for
   * every crop of the plan.
   */
  async cut(crop: PlannedCrop, out: Buffer): Promise<boolean> {
    const { tileWidth, tileHeight } = this.#level;
    const indexes = [...this.#tilesOf(crop)];
    const tiles = await Promise.all(indexes.map((index) => this.#take(index)));
    const right = Math.min(crop.left + this.#readWidth, this.#level.width);
    const bottom = Math.min(crop.top + this.#readHeight, this.#level.height);
    if (right - crop.left < this.#readWidth || bottom - crop.top < this.#readHeight) out.fill(255);
    indexes.forEach((index, i) => {
      const tile = tiles[i];
      const tileX = (index % this.#across) * tileWidth;
      const tileY = Math.floor(index / this.#across) * tileHeight;
      const from = Math.max(tileX, crop.left);
      const to = Math.min(tileX + tileWidth, right);
      const lastRow = Math.min(tileY + tileHeight, bottom);
      for (let y = Math.max(tileY, crop.top); tile && y < lastRow; y += 1) {
        const source = ((y - tileY) * tileWidth + from - tileX) * 3;
        tile.copy(out, ((y - crop.top) * this.#readWidth + from - crop.left) * 3, source, source + (to - from) * 3);
      }
    });
    for (const index of indexes) this.#giveBack(index);
    return !tiles.includes(undefined);
  }

  *#tilesOf({ left, top }: PlannedCrop): Generator<number> {
    const { tileWidth, tileHeight, width, height } = this.#level;
    const lastColumn = Math.floor((Math.min(left + this.#readWidth, width) - 1) / tileWidth);
    const lastRow = Math.floor((Math.min(top + this.#readHeight, height) - 1) / tileHeight);
    for (let row = Math.floor(top / tileHeight); row <= lastRow; row += 1) {
      for (let column = Math.floor(left / tileWidth); column <= lastColumn; column += 1) {
        yield row * this.#across + column;
      }
    }
  }

  async #take(index: number): Promise<Buffer | undefined> {
    const held = this.#held.get(index) ?? this.#decode(index);
    return await held.pixels;
  }

  #decode(index: number): Held {
    const { level, tileWidth, tileHeight } = this.#level;
    const memory = this.#free.pop() ?? Buffer.allocUnsafeSlow(tileWidth * tileHeight * 3);
    const column = index % this.#across;
    const pixels = this.#slide
      .decodedTile(level, column, Math.floor(index / this.#across), memory)
      .catch((error: unknown) => {
        if (!(error instanceof StromaError)) throw error;
        this.unreadableTiles += 1;
        return undefined;
      });
    this.decodedTiles += 1;
    const held = { pixels, memory };
    this.#held.set(index, held);
    return held;
  }

  #giveBack(index: number): void {
    const left = (this.#needs[index] ?? 1) - 1;
    this.#needs[index] = left;
    const held = this.#held.get(index);
    if (left > 0 || !held) return;
    this.#held.delete(index);
    this.#free.push(held.memory);
  }
}
