import { createTileCache } from '@stroma/api/slides/tile-cache';
import { expect, test } from 'vitest';

const kilobyte = 1024;
const tile = (length: number, value = 7) => Buffer.alloc(length, value);

test('a tile comes back as it was kept', () => {
  const cache = createTileCache(1_000 * kilobyte);
  cache.keep('a', tile(10 * kilobyte, 1));
  cache.keep('b', tile(10 * kilobyte, 2));
  expect(cache.get('a')?.equals(tile(10 * kilobyte, 1))).toBe(true);
  expect(cache.get('c')).toBeUndefined();
});

test('memory stays within the bound, whatever comes, and the longest unused go first', () => {
  const cache = createTileCache(200 * kilobyte);
  for (let i = 0; i < 1_000; i += 1) {
    cache.keep(`tile ${i}`, tile(1 + ((i * 997) % (10 * kilobyte))));
    expect(cache.get('tile 0')).toBeDefined();
    expect(cache.bytes).toBeLessThanOrEqual(200 * kilobyte);
  }
  expect(cache.get('tile 999')).toBeDefined();
  expect(cache.get('tile 1')).toBeUndefined();
});

test('kept twice, a tile counts once', () => {
  const cache = createTileCache(200 * kilobyte);
  cache.keep('a', tile(9 * kilobyte));
  const { bytes } = cache;
  cache.keep('a', tile(9 * kilobyte));
  expect(cache.bytes).toBe(bytes);
});

test('one that would push the others out is not kept', () => {
  const cache = createTileCache(160 * kilobyte);
  cache.keep('small', tile(kilobyte));
  cache.keep('large', tile(11 * kilobyte));
  expect([cache.get('small') !== undefined, cache.get('large')]).toEqual([true, undefined]);
});

test('a part of a larger buffer does not keep the whole in memory', () => {
  const cache = createTileCache(200 * kilobyte);
  cache.keep('part', tile(1_000 * kilobyte, 3).subarray(500, 700));
  const kept = cache.get('part');
  expect([kept?.length, kept?.buffer.byteLength, kept?.[199]]).toEqual([200, 200, 3]);
});
