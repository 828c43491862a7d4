import { describe, expect, it } from 'vitest';
import { nearest, roomFor, ticksOf } from '../../web/jobs/curve-scale.ts';

describe('the scale of a curve', () => {
  it('has round ticks inside the range', () => {
    expect(ticksOf([5.4, 6.3], 5)).toEqual([5.4, 5.6, 5.8, 6, 6.2]);
    expect(ticksOf([0, 3e-4], 5)).toEqual([0, 1e-4, 2e-4, 3e-4]);
    expect(ticksOf([-0.12, 0.31], 5)).toEqual([-0.1, 0, 0.1, 0.2, 0.3]);
  });

  it('has whole steps only, however few there are', () => {
    expect(ticksOf([3, 5], 6, 1)).toEqual([3, 4, 5]);
    expect(ticksOf([3.2, 3.6], 6, 1)).toEqual([]);
    expect(ticksOf([3, 3], 6, 1)).toEqual([3]);
  });

  it('leaves room around the values, and has some for one value and for none', () => {
    expect(roomFor([2, 12, 7])).toEqual([expect.closeTo(1.4), expect.closeTo(12.6)]);
    const [low, high] = roomFor([5, 5]);
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
    expect(roomFor([0])).toEqual([-1, 1]);
    expect(roomFor([])).toEqual([0, 1]);
  });

  it('reads the step nearest to the pointer', () => {
    const steps = [0, 10, 20, 100];
    expect([-5, 4, 6, 61, 59, 1000].map((wanted) => nearest(steps, wanted))).toEqual([0, 0, 10, 100, 20, 100]);
    expect(nearest([], 3)).toBeUndefined();
  });
});
