import type { StoredTiles } from '@stroma/wsi/slide-file';

/** Tiles of a run at most: what is read and held at once. */
const longest = 32;
/** Runs fetched from the disk while another is worked on. */
const ahead = 2;

interface Run {
  row: number;
  from: number;
  to: number;
  /** Tiles that were not taken yet. */
  left: number;
}

/** Reads the tiles that are needed of a level, neighbours by one read, some time before they are asked for. */
export class TileRuns {
  readonly #stored: StoredTiles;
  readonly #runs: Run[] = [];
  /** By tile: the run that it is in. */
  readonly #runOf = new Map<number, number>();
  readonly #fetched = new Map<number, Promise<Buffer[]>>();
  readonly #across: number;

  /** indexes: row × across + column, each once, in rising order. */
  constructor(stored: StoredTiles, across: number, indexes: readonly number[]) {
    this.#stored = stored;
    this.#across = across;
    for (const index of indexes) {
      const row = Math.floor(index / across);
      const column = index % across;
      const last = this.#runs.at(-1);
      if (last?.row === row && last.to === column && last.to - last.from < longest) last.to += 1;
      else this.#runs.push({ row, from: column, to: column + 1, left: 0 });
      (this.#runs.at(-1) as Run).left += 1;
      this.#runOf.set(index, this.#runs.length - 1);
    }
  }

  /** Asked once for every tile, so that the bytes can go. */
  async take(index: number): Promise<Buffer> {
    const ix = this.#runOf.get(index) ?? -1;
    this.#runOf.delete(index);
    for (let next = ix; next <= ix + ahead; next += 1) this.#fetch(next);
    const run = this.#runs[ix];
    const tiles = await this.#fetched.get(ix);
    const tile = tiles?.[(index % this.#across) - (run?.from ?? 0)];
    if (!run || !tile) throw new RangeError(`tile ${index} is not one that was named, or was taken before`);
    run.left -= 1;
    if (run.left === 0) this.#fetched.delete(ix);
    return tile;
  }

  #fetch(ix: number): void {
    const run = this.#runs[ix];
    if (!run || run.left === 0 || this.#fetched.has(ix)) return;
    const tiles = this.#stored.read(run.row, run.from, run.to);
    // Told to whoever takes a tile of it.
    tiles.catch(() => undefined);
    this.#fetched.set(ix, tiles);
  }
}
