import type { FileHandle } from 'node:fs/promises';
import { fileKind } from './file-kind.ts';
import { copyRemedy, exportRemedy, refuse } from './refusal.ts';
import { TiffBytes } from './tiff-bytes.ts';
import { TiffDirectory, type TiffEntry } from './tiff-directory.ts';
import { tag, typeBytes } from './tiff-tags.ts';

/** Real slides have some ten directories of some thirty entries; these stop crafted files. */
const maxDirectories = 512;
const maxEntries = 1024;

/**
 * Every directory of a TIFF or BigTIFF: the chain first, then the sub-directories that it names. Read here rather
 * than by a library, because a crafted file states counts and offsets that lie: each is compared with the file's size
 * before memory is taken for it.
 */
export async function readDirectories(handle: FileHandle, size: number): Promise<TiffDirectory[]> {
  const { bytes, first } = await readHeader(handle, size);
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  let offset = first;
  while (offset !== 0) {
    const { directory, next } = await readDirectory(bytes, offset, directories.length, seen);
    directories.push(directory);
    offset = next;
  }
  for (const parent of [...directories]) {
    for (const child of await parent.numbers(tag.subIfds, maxDirectories)) {
      directories.push((await readDirectory(bytes, child, directories.length, seen)).directory);
    }
  }
  return directories;
}

async function readHeader(handle: FileHandle, size: number): Promise<{ bytes: TiffBytes; first: number }> {
  if (size === 0) {
    refuse('empty', {
      message: 'The file is empty.',
      expected: 'a slide',
      found: '0 bytes',
      remedy: copyRemedy,
    });
  }
  const head = Buffer.alloc(Math.min(size, 512));
  await handle.read(head, 0, head.length, 0);
  const order = head.toString('latin1', 0, 2);
  const little = order === 'II';
  const version = head.length < 8 ? 0 : little ? head.readUInt16LE(2) : head.readUInt16BE(2);
  if ((order !== 'II' && order !== 'MM') || (version !== 42 && version !== 43) || (version === 43 && size < 16)) {
    const kind = fileKind(head);
    refuse('not_tiff', {
      message: `This is ${kind}, not a TIFF or SVS slide.`,
      expected: 'a TIFF or Aperio SVS file (recognised by its content; the file ending does not matter)',
      found: kind,
      where: 'the first bytes of the file',
      remedy: exportRemedy,
    });
  }
  const bytes = new TiffBytes(handle, size, little, version === 43);
  const field = await bytes.read(version === 43 ? 8 : 4, version === 43 ? 8 : 4, 'the TIFF header');
  return { bytes, first: bytes.offset(field, 0) };
}

async function readDirectory(bytes: TiffBytes, offset: number, index: number, seen: Set<number>) {
  const where = `image directory ${index}`;
  if (seen.has(offset) || seen.size >= maxDirectories) {
    refuse('directory_loop', {
      message: 'The file’s table of contents runs in a circle; the file is damaged.',
      expected: `at most ${maxDirectories} different image directories`,
      found: seen.has(offset) ? `a directory at byte ${offset} that was already read` : 'more',
      where,
      remedy: copyRemedy,
    });
  }
  seen.add(offset);
  const countBytes = bytes.big ? 8 : 2;
  const head = await bytes.read(offset, countBytes, where);
  const count = bytes.big ? bytes.u64(head, 0) : bytes.u16(head, 0);
  if (count === 0 || count > maxEntries) {
    refuse('damaged', {
      message: 'The file’s table of contents does not make sense; the file is damaged.',
      expected: `1 to ${maxEntries} entries`,
      found: `${count} entries`,
      where,
      remedy: copyRemedy,
    });
  }
  const entryBytes = bytes.big ? 20 : 12;
  const start = offset + countBytes;
  const table = await bytes.read(start, count * entryBytes + bytes.offsetBytes, where);
  const entries = new Map<number, TiffEntry>();
  for (let i = 0; i < count; i += 1) {
    const at = i * entryBytes;
    const type = bytes.u16(table, at + 2);
    const valueCount = bytes.big ? bytes.u64(table, at + 4) : bytes.u32(table, at + 4);
    const valueAt = at + (bytes.big ? 12 : 8);
    const inside = (typeBytes[type] ?? 0) * valueCount <= bytes.offsetBytes;
    const position = inside ? start + valueAt : bytes.offset(table, valueAt);
    entries.set(bytes.u16(table, at), { type, count: valueCount, position });
  }
  return {
    directory: new TiffDirectory(bytes, index, entries),
    next: bytes.offset(table, count * entryBytes),
  };
}
