import type { PatchAttention } from '@stroma/core/http/patch-attention';

/** Where one head looks, or all of them in the mean: the patches row by row. */
export interface PatchMap {
  name: string;
  shares: readonly number[];
  /** Largest share of a patch. */
  highest: number;
  /** What [CLS] pays to itself: with it, the shares sum to 1. */
  kept: number;
}

/** The mean of the heads first, then each head. */
export function patchMaps({ heads }: Pick<PatchAttention, 'heads'>): PatchMap[] {
  const mean = (heads[0] ?? []).map((_, patch) => {
    return heads.reduce((sum, head) => sum + (head[patch] ?? 0), 0) / heads.length;
  });
  return [patchMap('Mean', mean), ...heads.map((shares, ix) => patchMap(`Head ${ix + 1}`, shares))];
}

function patchMap(name: string, shares: readonly number[]): PatchMap {
  const sum = shares.reduce((before, share) => before + share, 0);
  return { name, shares, highest: Math.max(...shares), kept: Math.max(0, 1 - sum) };
}

/**
 * The map at side × side points of the crop, row by row: linear between the middles of the patches, and even from the
 * outer ones' middles to the edge. Nothing is larger or smaller than in the patches themselves.
 */
export function smoothed(shares: readonly number[], grid: number, side: number): Float32Array {
  const places = Array.from({ length: side }, (_, at) => {
    const place = Math.max(0, Math.min(grid - 1, ((at + 0.5) * grid) / side - 0.5));
    const before = Math.min(Math.floor(place), Math.max(0, grid - 2));
    return { before, after: Math.min(before + 1, grid - 1), mix: place - before };
  });
  const share = (row: number, column: number) => shares[row * grid + column] ?? 0;
  const out = new Float32Array(side * side);
  for (const [y, down] of places.entries()) {
    for (const [x, across] of places.entries()) {
      const above = blend(share(down.before, across.before), share(down.before, across.after), across.mix);
      const below = blend(share(down.after, across.before), share(down.after, across.after), across.mix);
      out[y * side + x] = blend(above, below, down.mix);
    }
  }
  return out;
}

const blend = (from: number, to: number, mix: number) => from + (to - from) * mix;
