import { openIsolated } from '@stroma/wsi/isolated/open-isolated';
import type { SlideFile } from '@stroma/wsi/slide-file';

interface Held {
  file: Promise<SlideFile>;
  readers: number;
  evicted: boolean;
}

export interface OpenSlides {
  /** Runs a read on the slide at this path; the file stays open for the next one. */
  use<T>(path: string, read: (file: SlideFile) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Keeps the slides that were looked at last open; one is closed only when nobody reads from it any more. */
export function createOpenSlides(maxOpen = 32): OpenSlides {
  const held = new Map<string, Held>();

  async function closeIfIdle(entry: Held): Promise<void> {
    if (!entry.evicted || entry.readers > 0) return;
    const file = await entry.file.catch(() => undefined);
    await file?.close();
  }

  async function evict(path: string, entry: Held): Promise<void> {
    if (held.get(path) === entry) held.delete(path);
    entry.evicted = true;
    await closeIfIdle(entry);
  }

  function take(path: string): Held {
    const known = held.get(path);
    const entry = known ?? { file: openIsolated(path), readers: 0, evicted: false };
    // Deleted and set again: a Map keeps the order of insertion, so the first entry is the longest unused one.
    held.delete(path);
    held.set(path, entry);
    for (const [oldPath, old] of held) {
      if (held.size <= maxOpen) break;
      void evict(oldPath, old);
    }
    return entry;
  }

  return {
    async use(path, read) {
      const entry = take(path);
      entry.readers += 1;
      try {
        return await read(await entry.file);
      } catch (error) {
        // A file that could not be opened or read is tried anew next time.
        void evict(path, entry);
        throw error;
      } finally {
        entry.readers -= 1;
        await closeIfIdle(entry);
      }
    },
    async close() {
      await Promise.all([...held].map(([path, entry]) => evict(path, entry)));
    },
  };
}
