import type { PlannedSlide } from './cutter/messages.ts';

/** A place on the slide whose pixels cannot be read, in level-0 px. */
export interface UnreadablePlace {
  x0: number;
  y0: number;
  width0: number;
  height0: number;
}

/** More are counted, but not listed. */
const mostPlaces = 500;

/** Gathers the tiles that could not be read; neighbours in a row are one place. */
export class UnreadablePlaces {
  readonly #tiles = new Set<number>();
  readonly #grid: PlannedSlide['tiles'];

  constructor(grid: PlannedSlide['tiles']) {
    this.#grid = grid;
  }

  /** Row × tiles across + column; a tile on the border of two blocks is named by both. */
  add(tiles: readonly number[]): void {
    for (const tile of tiles) this.#tiles.add(tile);
  }

  get count(): number {
    return this.#tiles.size;
  }

  /** Row by row. */
  list(): UnreadablePlace[] {
    const { across, width0, height0 } = this.#grid;
    const places: UnreadablePlace[] = [];
    let last = Number.NaN;
    for (const tile of [...this.#tiles].sort((a, b) => a - b)) {
      const place = places.at(-1);
      if (place && tile === last + 1 && tile % across !== 0) place.width0 += Math.round(width0);
      else if (places.length === mostPlaces) break;
      else {
        const x0 = Math.round((tile % across) * width0);
        const y0 = Math.round(Math.floor(tile / across) * height0);
        places.push({ x0, y0, width0: Math.round(width0), height0: Math.round(height0) });
      }
      last = tile;
    }
    return places;
  }
}
