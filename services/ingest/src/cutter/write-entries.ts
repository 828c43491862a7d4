import { closeSync, openSync, writeSync } from 'node:fs';
import type { Entries } from './segment.ts';

/** Writes the entries one after another into a file that is there; blocks, as a process may that does nothing else. */
export function writeEntries(file: string, offset: number, entries: Entries): void {
  const fd = openSync(file, 'r+');
  try {
    let position = offset;
    for (const bytes of entries) {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
      position += bytes.length;
    }
  } finally {
    closeSync(fd);
  }
}
