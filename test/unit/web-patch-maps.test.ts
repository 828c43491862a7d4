import { describe, expect, it } from 'vitest';
import { patchMaps, smoothed } from '../../web/viewer/patch-maps.ts';

describe('maps of where an encoder looks', () => {
  const heads = [
    [0.1, 0.2, 0.3, 0.2],
    [0.5, 0, 0, 0.1],
  ];

  it('are the mean of the heads and each head, with what [CLS] keeps', () => {
    const [mean, first, second, ...more] = patchMaps({ heads });
    expect(more).toEqual([]);
    expect([mean?.name, first?.name, second?.name]).toEqual(['Mean', 'Head 1', 'Head 2']);
    expect(mean?.shares.map((share) => share.toFixed(3))).toEqual(['0.300', '0.100', '0.150', '0.150']);
    expect(mean?.kept).toBeCloseTo(0.3, 12);
    expect([mean?.highest, second?.highest]).toEqual([0.3, 0.5]);
    expect([first?.kept.toFixed(3), second?.kept.toFixed(3)]).toEqual(['0.200', '0.400']);
  });

  it('have the patches’ own values at their middles, and row by row', () => {
    const shares = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    // Patches of 5 points: the middles are points 2, 7 and 12.
    const map = smoothed(shares, 3, 15);
    const middles = [2, 7, 12].flatMap((y) => [2, 7, 12].map((x) => map[y * 15 + x]));
    expect(middles).toEqual(shares);
    expect(map[2 * 15 + 4]).toBeCloseTo(1.4, 6);
    expect(map[4 * 15 + 2]).toBeCloseTo(1 + 3 * 0.4, 6);
  });

  it('are even beyond the outer middles, and never larger or smaller than the patches', () => {
    const shares = [0, 1, 0, 0, 0, 0.25, 0.5, 0, 1];
    const map = smoothed(shares, 3, 64);
    expect([map[0], map[63], map[64 * 64 - 1], map[63 * 64]]).toEqual([0, 0, 1, 0.5]);
    expect(Math.min(...map)).toBe(0);
    expect(Math.max(...map)).toBe(1);
    expect(new Set(smoothed([0.5], 1, 8))).toEqual(new Set([0.5]));
  });
});
