import { cropBlocks } from '@stroma/ingest/crop-blocks';
import { numberTable, rowsOf, slice } from '@stroma/ingest/number-table';
import { describe, expect, it } from 'vitest';

/** A grid of whole crops; every tile that a crop of `size` px touches is one that it needs. */
function crops(columns: number, rows: number, stride: number) {
  return Array.from({ length: columns * rows }, (_, i) => {
    const left = Math.round((i % columns) * stride);
    const top = Math.round(Math.floor(i / columns) * stride);
    return { x0: left, y0: top, left, top, tissueFraction: 1, fold: 0 };
  });
}

function tilesOf(block: { left: number; top: number }[], tile: number, size: number, high = tile): Set<string> {
  const tiles = new Set<string>();
  for (const { left, top } of block) {
    for (let row = Math.floor(top / high); row * high < top + size; row += 1) {
      for (let column = Math.floor(left / tile); column * tile < left + size; column += 1)
        tiles.add(`${column},${row}`);
    }
  }
  return tiles;
}

/** Tiles decoded by all blocks together over tiles there are. */
function decodes(blocks: { left: number; top: number }[][], tile: number, size: number, high = tile): number {
  const each = blocks.map((block) => tilesOf(block, tile, size, high));
  const all = new Set(each.flatMap((tiles) => [...tiles]));
  return each.reduce((sum, tiles) => sum + tiles.size, 0) / all.size;
}

describe('blocks of crops', () => {
  const grid = (tile: number, stride: number) => {
    return { tileWidth: tile, tileHeight: tile, sizePx: 256, strideX: stride, strideY: stride };
  };

  it.each([
    [256, 256, 1],
    [240, 256, 1],
    [512, 256, 1],
    [256, 384, 1],
    [1024, 256, 1],
    // A grid that drifts against the tiles: the tiles of a border belong to two blocks.
    [256, 256.5130260521042, 1.15],
    [240, 256.5130260521042, 1.15],
  ])('tiles of %i px, a crop every %f px: each tile is decoded at most %f times', (tile, stride, most) => {
    const all = crops(97, 61, stride);
    const blocks = cropBlocks({ crops: all }, grid(tile, stride));
    expect(blocks.flat().length).toBe(all.length);
    expect(new Set(blocks.flat()).size).toBe(all.length);
    expect(blocks.length).toBeGreaterThan(8);
    const size = Math.round(stride);
    expect(decodes(blocks, tile, size)).toBeLessThanOrEqual(most);
  });

  it('a strip as wide as the slide is one block across', () => {
    const strips = { tileWidth: 25_600, tileHeight: 16, sizePx: 256, strideX: 256, strideY: 256 };
    const blocks = cropBlocks({ crops: crops(100, 40, 256) }, strips);
    expect(decodes(blocks, 25_600, 256, 16)).toBe(1);
    expect(Math.max(...blocks.map((block) => block.length))).toBeLessThanOrEqual(400);
  });

  it('crops of another size do not make blocks larger in memory', () => {
    const of = (sizePx: number) => {
      const side = { tileWidth: 256, tileHeight: 256, sizePx, strideX: sizePx, strideY: sizePx };
      return (
        Math.max(...cropBlocks({ crops: crops(200, 200, sizePx) }, side).map((block) => block.length)) * sizePx ** 2
      );
    };
    expect(of(1024)).toBeLessThan(1.5 * of(256));
  });
});

it('a table of numbers gives its rows back, whole and in part', () => {
  const rows = crops(3, 2, 100);
  const table = numberTable(['left', 'top'], rows);
  expect(rowsOf(slice(table, 2, 4))).toEqual([
    { left: 200, top: 0 },
    { left: 0, top: 100 },
  ]);
});
