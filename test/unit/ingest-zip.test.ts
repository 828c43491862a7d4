import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StromaError } from '@stroma/core/errors';
import { unpackZip } from '@stroma/ingest/upload/unpack-zip';
import { checkMembers } from '@stroma/ingest/upload/zip-bounds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from 'yauzl';
import { type ZipOfEntry, zipOf } from '../fixtures/zip-of.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-zip-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function unpack(zip: Buffer) {
  const file = path.join(folder, `${count++}.zip`);
  const into = await mkdtemp(path.join(folder, 'into-'));
  await writeFile(file, zip);
  const unpacked = await unpackZip(file, into, new AbortController().signal, () => undefined);
  return { ...unpacked, into };
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error) => (error instanceof StromaError ? error.problem.code : String(error)),
  );

const good: ZipOfEntry = { name: 'a/slide one.dat', data: 'pixels', deflate: true };

it('unpacks under numbers, keeping each path in words', async () => {
  const zip = zipOf([
    { name: 'a/', mode: 0o040755 },
    good,
    { name: 'a/ß–標本.ini', data: 'text' },
    { name: '__MACOSX/a/._x', data: 'x' },
    { name: 'a/none' },
  ]);
  const { files, leftOut, into } = await unpack(zip);
  expect(files.map((file) => file.path)).toEqual(['a/slide one.dat', 'a/ß–標本.ini']);
  expect(leftOut).toEqual([{ path: 'a/none', bytes: 0, reason: 'an empty file' }]);
  expect(await readFile(files[0]?.file ?? '', 'utf8')).toBe('pixels');
  expect((await readdir(into)).every((name) => /^\d+$/.test(name))).toBe(true);
});

describe('the whole zip is refused for', () => {
  it.each<[string, ZipOfEntry, string]>([
    ['a path out of its folder', { name: '../../etc/passwd', data: 'x' }, 'zip.name'],
    ['a path out of its folder, hidden in the middle', { name: 'a/../../b', data: 'x' }, 'zip.name'],
    ['an absolute path', { name: '/etc/passwd', data: 'x' }, 'zip.name'],
    ['a Windows path', { name: 'C:/x', data: 'x' }, 'zip.name'],
    ['a backslash path out of its folder', { name: '..\\x', data: 'x' }, 'zip.name'],
    ['a zero byte in a name', { name: 'a\0b', data: 'x' }, 'zip.name'],
    ['a symbolic link', { name: 'link', data: '/etc/passwd', mode: 0o120777 }, 'zip.name'],
    ['a device', { name: 'null', mode: 0o020666 }, 'zip.name'],
    ['a password', { name: 'secret', data: 'x'.repeat(20), encrypted: true, uncompressedSize: 8 }, 'zip.encrypted'],
    ['the same name twice', good, 'zip.twice'],
  ])('%s', async (_, entry, code) => {
    expect(await codeOf(unpack(zipOf([good, entry])))).toBe(code);
  });

  it('bytes that many entries share', async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ name: `${i}`, data: 'x'.repeat(500), shared: i > 0 }));
    expect(await codeOf(unpack(zipOf(many)))).toBe('zip.bomb');
  });

  it('a size beyond all measure, before anything is unpacked', async () => {
    const bomb = { name: 'zeros', data: Buffer.alloc(1000), deflate: true, uncompressedSize: 4e9 };
    expect(await codeOf(unpack(zipOf([bomb])))).toBe('zip.bomb');
  });

  it('more bytes than the disk has', () => {
    const entry = { fileNameRaw: Buffer.from('x'), extraFields: [], compressedSize: 1e9, uncompressedSize: 1e9 };
    const [one] = [{ ...entry, generalPurposeBitFlag: 0, isEncrypted: () => false } as unknown as Entry];
    expect(() => checkMembers([one], 1e9, 2e9)).not.toThrow();
    expect(() => checkMembers([one], 1e9, 5e8)).toThrow('does not fit');
  });

  it('a table of contents that is cut off, and one with too many entries', async () => {
    expect(await codeOf(unpack(zipOf([good]).subarray(0, -30)))).toBe('zip.damaged');
    const many = Array.from({ length: 20_001 }, (_, i) => ({ name: String(i) }));
    expect(await codeOf(unpack(zipOf(many)))).toBe('zip.entries');
  });
});

describe('a damaged member costs itself only', () => {
  const flipped = (packed: Buffer) => Buffer.from(packed.map((byte, i) => (i === 3 ? byte ^ 0xff : byte)));
  it.each<[string, Partial<ZipOfEntry>]>([
    ['a wrong checksum', { crc: 1 }],
    ['flipped bytes in a deflate stream', { deflate: true, damage: flipped }],
    ['a stream that is longer than it says', { deflate: true, uncompressedSize: 3 }],
    ['a stream that is shorter than it says', { deflate: true, uncompressedSize: 3000 }],
  ])('%s', async (_, broken) => {
    const { files, leftOut, into } = await unpack(
      zipOf([{ name: 'broken', data: 'some bytes of a slide', ...broken }, good]),
    );
    expect(files.map((file) => file.path)).toEqual([good.name]);
    expect(leftOut).toMatchObject([{ path: 'broken' }]);
    expect(leftOut[0]?.reason).toContain('damaged inside the zip');
    expect(await readdir(into)).toEqual(['1']);
  });
});
