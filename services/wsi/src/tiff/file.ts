import type { FileHandle } from 'node:fs/promises';
import { GeoTIFF } from 'geotiff';
import { fileKind } from '../file-kind.ts';
import { copyRemedy, exportRemedy, refuse } from '../refusal.ts';
import { TiffDirectory } from './directory.ts';
import { readByGeotiff, TiffSource } from './source.ts';
import { readTable } from './table.ts';
import { tag } from './tags.ts';

/** Real slides have some ten directories; this stops crafted files. */
const maxDirectories = 512;

/**
 * Every directory of a TIFF or BigTIFF: the chain first, then the sub-directories that it names. Walked here, because
 * geotiff would follow a chain that leads back to itself for ever.
 */
export async function readDirectories(handle: FileHandle, size: number): Promise<TiffDirectory[]> {
  const source = new TiffSource(handle, size);
  source.prepare(0, await readHead(source));
  const tiff = await readByGeotiff(GeoTIFF.fromSource(source), 'the TIFF header');
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  /** Reads the directory at this offset; gives the offset of the next one. */
  const readDirectory = async (offset: number, parent?: number): Promise<number> => {
    const index = directories.length;
    const where = `image directory ${index}`;
    checkUnseen(offset, seen, where);
    const { bytes, counts } = await readTable(source, tiff, offset, where);
    source.prepare(offset, bytes);
    const fields = await readByGeotiff(tiff.parser.parseFileDirectoryAt(offset), where);
    directories.push(new TiffDirectory(index, parent, fields, counts));
    return fields.nextIFDByteOffset;
  };
  let offset = tiff.firstIFDOffset;
  while (offset !== 0) offset = await readDirectory(offset);
  for (const parent of [...directories]) {
    for (const child of await parent.numbers(tag.subIfds)) await readDirectory(child, parent.index);
  }
  return directories;
}

/** True when the first bytes are those of a TIFF or BigTIFF. */
export async function isTiff(source: TiffSource): Promise<boolean> {
  const size = Math.min(source.fileSize, 16);
  return isTiffHead(Buffer.from(await source.read(0, size, 'the first bytes of the file')), source.fileSize);
}

function isTiffHead(head: Buffer, fileSize: number): boolean {
  const order = head.toString('latin1', 0, 2);
  if (head.length < 8 || (order !== 'II' && order !== 'MM')) return false;
  const version = order === 'II' ? head.readUInt16LE(2) : head.readUInt16BE(2);
  return version === 42 || (version === 43 && fileSize >= 16);
}

/** The first bytes of a file that is a TIFF; any other file is refused by what it is. */
async function readHead(source: TiffSource): Promise<ArrayBuffer> {
  const size = source.fileSize;
  if (size === 0) {
    refuse('empty', {
      message: 'The file is empty.',
      expected: 'a slide',
      found: '0 bytes',
      remedy: copyRemedy,
    });
  }
  const bytes = await source.read(0, Math.min(size, 512), 'the first bytes of the file');
  const head = Buffer.from(bytes);
  if (!isTiffHead(head, size)) {
    const kind = fileKind(head);
    refuse('not_tiff', {
      message: `This is ${kind}, not a TIFF or SVS slide.`,
      expected: 'a TIFF or Aperio SVS file (recognised by its content; the file ending does not matter)',
      found: kind,
      where: 'the first bytes of the file',
      remedy: exportRemedy,
    });
  }
  return bytes;
}

function checkUnseen(offset: number, seen: Set<number>, where: string): void {
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
}
