import { pathFault } from '@stroma/core/relative-path';
import { type Entry, getFileNameLowLevel } from 'yauzl';
import { refuseZip } from './zip-refusal.ts';

/** A folder of slides has some hundred files; more entries than this are no slides. */
export const maxEntries = 20_000;
/** Slides are compressed already; text and uncompressed white glass shrink more, but never much of it. */
const maxRatio = 200;
const freeBytes = 256e6;

export interface ZipMember {
  entry: Entry;
  path: string;
}

/**
 * Looks at the whole table of contents before anything is unpacked: a single entry that is not what a scanner or an
 * archiver writes makes the whole archive suspect.
 */
export function checkMembers(entries: readonly Entry[], zipBytes: number, maxBytes: number): ZipMember[] {
  const members: ZipMember[] = [];
  const seen = new Set<string>();
  let packed = 0;
  let unpacked = 0;
  for (const entry of entries) {
    const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
    const isFolder = path.endsWith('/');
    const fault = pathFault(isFolder ? path.slice(0, -1) : path) ?? typeFault(entry);
    const shown = JSON.stringify(path.slice(0, 200));
    if (fault) refuseZip('name', 'The zip holds an entry that would not stay inside its folder.', fault, shown);
    if (isFolder) continue;
    if (seen.has(path)) refuseZip('twice', 'The zip holds two files of one name.', 'the name twice', shown);
    if (entry.isEncrypted()) refuseZip('encrypted', 'The zip is protected by a password.', 'an encrypted entry', shown);
    seen.add(path);
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
    members.push({ entry, path });
  }
  checkSizes(packed, unpacked, zipBytes, maxBytes);
  return members;
}

function checkSizes(packed: number, unpacked: number, zipBytes: number, maxBytes: number): void {
  // Entries that share their bytes, the trick of the densest zip bombs, pack more than there is.
  if (packed > zipBytes) {
    refuseZip('bomb', 'The entries of the zip overlap.', `${packed} packed bytes`, `a zip of ${zipBytes} bytes`);
  }
  if (unpacked > freeBytes && unpacked > maxRatio * packed) {
    refuseZip('bomb', 'The zip grows beyond all measure.', `${unpacked} bytes out of ${packed}`, 'the whole zip');
  }
  if (unpacked > maxBytes) {
    refuseZip(
      'room',
      'The zip does not fit on the server.',
      `${unpacked} bytes`,
      'the whole zip',
      `at most ${maxBytes}`,
    );
  }
}

/** A zip made on Unix keeps each entry's file type in the upper half of its attributes. */
function typeFault({ versionMadeBy, externalFileAttributes }: Entry): string | undefined {
  const type = (externalFileAttributes >>> 16) & 0o170000;
  if (versionMadeBy >> 8 !== 3 || type === 0 || type === 0o100000 || type === 0o040000) return undefined;
  return type === 0o120000 ? 'a symbolic link' : 'a device or socket';
}
