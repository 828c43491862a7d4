import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { bytesLabel } from '@stroma/core/units';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { LeftOut, UploadFile } from './upload-file.ts';
import { checkMembers, maxEntries, type ZipMember } from './zip-bounds.ts';
import { refuseZip } from './zip-refusal.ts';

/** Left free for the database and for what is made of the slides. */
const spareBytes = 2e9;

export interface Unpacked {
  files: UploadFile[];
  /** Members that are damaged or cannot be unpacked; the others are whole. */
  leftOut: LeftOut[];
}

/**
 * Unpacks a zip into an empty folder, under numbers: no name out of the zip ever becomes a path. Everything is streamed,
 * hashed and checked on the way.
 */
export async function unpackZip(
  zip: string,
  folder: string,
  signal: AbortSignal,
  report: (done: number, total: number) => void,
): Promise<Unpacked> {
  const { size } = await stat(zip);
  const archive = await openZip(zip);
  try {
    const { bavail, bsize } = await statfs(folder);
    const members = checkMembers(await entriesOf(archive), size, bavail * bsize - spareBytes);
    const total = members.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0);
    const unpacked: Unpacked = { files: [], leftOut: [] };
    let done = 0;
    for (const [index, member] of members.entries()) {
      const { path: memberPath, entry } = member;
      const { uncompressedSize: bytes } = entry;
      const leaveOut = (reason: string) => unpacked.leftOut.push({ path: memberPath, bytes, reason });
      if (isSystemFile(memberPath)) continue;
      if (bytes === 0) leaveOut('an empty file');
      else {
        const file = path.join(folder, String(index));
        const got = await unpackMember(archive, member, file, signal);
        if (typeof got === 'string') leaveOut(got);
        else unpacked.files.push({ path: memberPath, file, bytes, sha256: got.sha256 });
      }
      done += bytes;
      report(done, total);
    }
    return unpacked;
  } finally {
    archive.close();
  }
}

async function openZip(zip: string): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true };
  return await openPromise(zip, options).catch((error: Error) => refuseDamaged(error.message));
}

async function entriesOf(archive: ZipFile): Promise<Entry[]> {
  if (archive.entryCount > maxEntries) {
    refuseZip('entries', 'The zip holds too many files.', `${archive.entryCount} entries`, 'its table of contents');
  }
  const entries: Entry[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      entries.push(entry);
      if (entries.length > maxEntries) break;
    }
  } catch (error) {
    refuseDamaged((error as Error).message);
  }
  return entries;
}

/** A damaged member costs itself only: answers its hash, or what is wrong with it. */
async function unpackMember(
  archive: ZipFile,
  { entry }: ZipMember,
  file: string,
  signal: AbortSignal,
): Promise<{ sha256: string } | string> {
  if (!entry.canDecodeFileData()) return `packed by method ${entry.compressionMethod}, which is not deflate`;
  const hash = createHash('sha256');
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
  });
  const target = createWriteStream(file, { flags: 'wx' });
  try {
    await pipeline(await archive.openReadStreamPromise(entry), check, target, { signal });
    if (sum === entry.crc32) return { sha256: hash.digest('hex') };
  } catch (error) {
    signal.throwIfAborted();
    // Ours, not the zip's: the disk.
    if ((error as NodeJS.ErrnoException).syscall) throw error;
  }
  await rm(file, { force: true });
  return `damaged inside the zip: its ${bytesLabel(entry.uncompressedSize)} do not unpack to what was packed`;
}

/** What macOS and Windows put into every folder. */
function isSystemFile(memberPath: string): boolean {
  return (
    memberPath.split('/').some((part) => part === '__MACOSX' || part.startsWith('.')) ||
    /(^|\/)Thumbs\.db$/i.test(memberPath)
  );
}

function refuseDamaged(found: string): never {
  refuseZip(
    'damaged',
    'The zip’s table of contents cannot be read.',
    found,
    'the end of the zip',
    'a whole zip archive',
  );
}
