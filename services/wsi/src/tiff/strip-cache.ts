/** Bytes of decoded strips that the whole process keeps, over all its slides: those under a row of display tiles fit. */
const maxBytes = 160 * 1024 * 1024;

interface Strip {
  pixels: Promise<Buffer | undefined>;
  bytes: number;
}

/** Oldest first: a Map keeps the order of insertion. One for the process, so that many open slides stay bounded. */
const kept = new Map<string, Strip>();
let keptBytes = 0;
let owners = 0;

/**
 * Decoded strips of one level. A strip lies under a whole row of display tiles, which are asked for one after the
 * other: without memory of it every strip would be decoded once a tile.
 */
export class StripCache {
  readonly #owner = ++owners;
  readonly #load: (strip: number) => Promise<Buffer | undefined>;

  constructor(load: (strip: number) => Promise<Buffer | undefined>) {
    this.#load = load;
  }

  get(strip: number, bytes: number): Promise<Buffer | undefined> {
    const key = `${this.#owner}/${strip}`;
    const found = kept.get(key);
    if (found) {
      kept.delete(key);
      kept.set(key, found);
      return found.pixels;
    }
    const pixels = this.#load(strip);
    kept.set(key, { pixels, bytes });
    keptBytes += bytes;
    // A strip that could not be read is tried anew.
    pixels.catch(() => drop(key));
    for (const oldest of kept.keys()) {
      if (keptBytes <= maxBytes || oldest === key) break;
      drop(oldest);
    }
    return pixels;
  }

  clear(): void {
    for (const key of [...kept.keys()]) if (key.startsWith(`${this.#owner}/`)) drop(key);
  }
}

function drop(key: string): void {
  keptBytes -= kept.get(key)?.bytes ?? 0;
  kept.delete(key);
}
