import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { LocalStore } from '@stroma/storage/local-store';
import { openStore } from '@stroma/storage/open-store';
import { unfinishedSuffix } from '@stroma/storage/unfinished-file';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let store: LocalStore;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stroma-store-'));
  store = new LocalStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const listed = async (prefix: string) => {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys.sort();
};

test('what is put is there whole, with its size and hash', async () => {
  const bytes = Buffer.from('tissue'.repeat(10_000));
  const stored = await store.put('slides/a', Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]));
  expect(stored).toEqual({
    key: 'slides/a',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  expect(await store.get('slides/a')).toEqual(bytes);
  expect(await store.range('slides/a', 6, 6)).toEqual(Buffer.from('tissue'));
});

test('a put that breaks off leaves nothing', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('the sender went away');
    })(),
  );
  await expect(store.put('slides/b', broken)).rejects.toThrow('went away');
  expect(await store.size('slides/b')).toBeUndefined();
  expect(readdirSync(path.join(folder, 'slides'))).toEqual([]);
});

test('what a kill left of a put is not listed and can be swept', async () => {
  await store.put('crops/1/000000.tar', Buffer.from('tar'));
  writeFileSync(path.join(folder, 'crops/1', `000001.tar.x${unfinishedSuffix}`), 'ta');
  expect(await listed('crops')).toEqual(['crops/1/000000.tar']);
  expect(await store.removeUnfinished('crops')).toBe(1);
  expect(readdirSync(path.join(folder, 'crops/1'))).toEqual(['000000.tar']);
});

test('a range beyond the end is an error that names the object', async () => {
  await store.put('crops/1/000000.tar', Buffer.from('tar'));
  await expect(store.range('crops/1/000000.tar', 1, 9)).rejects.toMatchObject({
    problem: { code: 'storage.short', where: 'crops/1/000000.tar' },
  });
});

test.each([
  '../etc/passwd',
  '/etc/passwd',
  'a//b',
  'a/../b',
  '.hidden',
  'a/./b',
  '',
  'a\0b',
  'a\\b',
  'a~',
  `a${unfinishedSuffix}`,
])('“%s” is not a key', (key) => {
  expect(() => store.localPath(key)).toThrow('is not an object key');
});

test('only file URIs open a store', () => {
  expect(openStore(`file://${folder}`).localPath('slides/a')).toBe(path.join(folder, 'slides/a'));
  expect(() => openStore('ftp://somewhere')).toThrow('cannot be opened');
});

test('what another process writes behind is taken in; an object given up leaves nothing', async () => {
  const object = await store.begin('grown/one.bin');
  await object.append(Buffer.from('first,'));
  writeFileSync(object.path, 'second', { flag: 'a' });
  await object.grown(6);
  await object.append(Buffer.from(',third'));
  await expect(object.grown(1)).rejects.toThrow('too early');
  expect(await store.size('grown/one.bin')).toBeUndefined();
  const whole = Buffer.from('first,second,third');
  const sha256 = createHash('sha256').update(whole).digest('hex');
  expect(await object.finish()).toEqual({ key: 'grown/one.bin', bytes: whole.length, sha256 });
  expect(await store.get('grown/one.bin')).toEqual(whole);
  const given = await store.begin('grown/two.bin');
  await given.append(whole);
  await given.abandon();
  expect(readdirSync(path.join(folder, 'grown'))).toEqual(['one.bin']);
});
