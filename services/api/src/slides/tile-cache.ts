export interface TileCache {
  get(key: string): Buffer | undefined;
  keep(key: string, tile: Buffer): void;
  /** Memory held now. */
  readonly bytes: number;
}

/** What a Map's entry, its key and a Buffer's own fields take beside the pixels, about. */
const overheadBytes = 400;

/** Tiles that were asked for last, within `maxBytes`; one larger than a 16th of that would push too many others out. */
export function createTileCache(maxBytes: number): TileCache {
  // A Map keeps the order of insertion: the first entry is the longest unused one.
  const held = new Map<string, Buffer>();
  let bytes = 0;
  const size = (tile: Buffer) => tile.length + overheadBytes;

  function forget(key: string): void {
    const tile = held.get(key);
    if (!tile) return;
    held.delete(key);
    bytes -= size(tile);
  }

  return {
    get(key) {
      const tile = held.get(key);
      if (!tile) return undefined;
      held.delete(key);
      held.set(key, tile);
      return tile;
    },
    keep(key, tile) {
      forget(key);
      if (size(tile) > maxBytes / 16) return;
      const own = alone(tile);
      held.set(key, own);
      bytes += size(own);
      for (const oldest of held.keys()) {
        if (bytes <= maxBytes) break;
        forget(oldest);
      }
    },
    get bytes() {
      return bytes;
    },
  };
}

/** A small buffer is a view of a pool shared with others, a cut one of more than it shows: both would stay in memory. */
function alone(tile: Buffer): Buffer {
  if (tile.buffer.byteLength === tile.length) return tile;
  const own = Buffer.allocUnsafeSlow(tile.length);
  tile.copy(own);
  return own;
}
