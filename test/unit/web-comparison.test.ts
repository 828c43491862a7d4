import { describe, expect, it } from 'vitest';
import { differenceWords, isMoreThanChance, pWord, two } from '../../web/comparison/words.ts';

describe('a paired difference in words', () => {
  it('says who is better, by how much, and whether chance would do', () => {
    expect(differenceWords({ value: 0.04, low: -0.02, high: 0.1, p: 0.2 })).toBe(
      'Gen-DINO 0.04 better, interval −0.02 to 0.10: not more than chance',
    );
    expect(differenceWords({ value: -0.125, low: -0.2, high: -0.05, p: 0.01 })).toBe(
      'DINO 0.13 better, interval −0.20 to −0.05: more than chance',
    );
    expect(differenceWords({ value: 0.001, low: -0.1, high: 0.1, p: 1 })).toMatch(/^No difference, interval/);
  });

  it('never hides on which side of 0 an end lies', () => {
    expect(differenceWords({ value: 0.1, low: 0.0004, high: 0.2, p: 0.049 })).toContain(
      'interval 0.0004 to 0.20: more',
    );
    expect(differenceWords({ value: 0.1, low: -0.0004, high: 0.2, p: 0.051 })).toContain('−0.0004 to 0.20: not more');
    expect(isMoreThanChance({ low: 0, high: 0.2 })).toBe(false);
  });
});

it('numbers have two decimals, a true minus and no minus before 0', () => {
  expect([0.125, -0.125, -0.001, 1].map(two)).toEqual(['0.13', '−0.13', '0.00', '1.00']);
  expect([0.0004998, 0.0495, 0.5].map(pWord)).toEqual(['p < 0.001', 'p = 0.050', 'p = 0.50']);
});
