import path from 'node:path';
import { StromaError } from '@stroma/core/errors';
import type { SlideFile } from '@stroma/wsi/slide-file';
import type { OpenSlides } from './open-slides.ts';
import { createTileCache } from './tile-cache.ts';
import { createTurns } from './turns.ts';

export interface TilePlace {
  /** The slide's, with its path. */
  file: string;
  level: number;
  column: number;
  row: number;
}

export interface TileReading {
  /** The tile where it is in memory. */
  known(key: string): Buffer | undefined;
  /** Reads the tile, once for all who ask at the same time; one whose askers have all gone is not begun. */
  read(key: string, place: TilePlace, gone: AbortSignal): Promise<Buffer>;
}

interface Pending {
  tile: Promise<Buffer>;
  askers: number;
  allGone: AbortController;
}

/** Some thousand stored tiles: what a dozen people have on their screens. */
const maxCachedBytes = 64 * 1024 * 1024;
/** Reads at once from one slide: a slow or broken one leaves the threads to the others. */
const readsASlide = 4;

/** `key` names the tile's bytes for good: the same key is the same tile. */
export function createTileReading(openSlides: OpenSlides, maxBytes = maxCachedBytes): TileReading {
  const cache = createTileCache(maxBytes);
  const pending = new Map<string, Pending>();
  const turns = createTurns(readsASlide);

  function begin(key: string, { file, level, column, row }: TilePlace): Pending {
    const allGone = new AbortController();
    const read = (slide: SlideFile) => slide.tile(level, column, row);
    const tile = turns
      .take(file, allGone.signal, () => openSlides.use(file, read))
      .catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? fileGone(file) : error;
      })
      .then((bytes) => {
        cache.keep(key, bytes);
        return bytes;
      })
      .finally(() => pending.delete(key));
    const entry = { tile, askers: 0, allGone };
    pending.set(key, entry);
    return entry;
  }

  return {
    known: (key) => cache.get(key),
    async read(key, place, gone) {
      const entry = pending.get(key) ?? begin(key, place);
      entry.askers += 1;
      const leave = () => {
        entry.askers -= 1;
        // What has begun is finished and kept; what still waits for its turn is not.
        if (entry.askers === 0) entry.allGone.abort(nobodyWaits());
      };
      gone.addEventListener('abort', leave, { once: true });
      try {
        return await entry.tile;
      } finally {
        gone.removeEventListener('abort', leave);
      }
    },
  };
}

function fileGone(file: string): StromaError {
  return new StromaError(
    {
      code: 'slide.file-gone',
      message: 'The slide’s file is not where it was stored.',
      expected: 'the bytes that were uploaded',
      found: 'no file',
      where: `object slides/${path.basename(file)}`,
      remedy: 'Put the file back from a backup of the data folder.',
    },
    500,
  );
}

/** Nobody reads this answer; its status keeps it out of the log. */
function nobodyWaits(): StromaError {
  return new StromaError(
    { code: 'tile.nobody-waits', message: 'The browser does not wait for this tile any more.' },
    499,
  );
}
