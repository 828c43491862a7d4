import { chooseLevel, grid } from '@stroma/core/geometry/pyramid';
import { magnificationLabel } from '@stroma/core/units';
import { describe, expect, it } from 'vitest';

const level = (level: number, downsample: number) => ({
  level,
  downsampleX: downsample,
  downsampleY: downsample,
  width: 1000,
  height: 1000,
});
const levels = [level(0, 1), level(1, 4), level(2, 16.002)];

const square = (mpp: number) => ({ x: mpp, y: mpp });

describe('chooseLevel', () => {
  it('takes a level of the very scale as it is', () => {
    expect(chooseLevel(levels, square(0.25), 1)).toMatchObject({ level: { level: 1 }, scaleX: 1, scaleY: 1 });
    expect(chooseLevel(levels, square(0.25), 4)).toMatchObject({ level: { level: 2 }, scaleX: 1, scaleY: 1 });
  });

  it('shrinks the next finer level between two', () => {
    expect(chooseLevel(levels, square(0.25), 0.5)).toMatchObject({ level: { level: 0 }, scaleX: 2, scaleY: 2 });
    expect(chooseLevel(levels, square(0.25), 2)).toMatchObject({ level: { level: 1 }, scaleX: 2, scaleY: 2 });
  });

  it('enlarges by at most a tenth', () => {
    expect(chooseLevel(levels, square(0.27), 0.25)?.scaleX).toBeCloseTo(0.926, 3);
    expect(chooseLevel(levels, square(0.5), 0.25)).toBeUndefined();
  });

  it('asks both axes: neither may be enlarged by more than a tenth', () => {
    expect(chooseLevel(levels, { x: 0.25, y: 0.26 }, 1)).toMatchObject({
      level: { level: 0 },
      scaleX: 4,
      scaleY: 1 / 0.26,
    });
    expect(chooseLevel(levels, { x: 0.25, y: 0.5 }, 0.25)).toBeUndefined();
  });

  it('has nothing to say of a slide without levels', () => {
    expect(chooseLevel([], square(0.25), 0.5)).toBeUndefined();
  });
});

describe('grid', () => {
  it('holds whole squares only, row by row', () => {
    expect([...grid(100, 70, square(32), square(32))]).toEqual([
      { x0: 0, y0: 0 },
      { x0: 32, y0: 0 },
      { x0: 64, y0: 0 },
      { x0: 0, y0: 32 },
      { x0: 32, y0: 32 },
      { x0: 64, y0: 32 },
    ]);
  });

  it('rounds corners of a fractional stride, not the stride', () => {
    expect([...grid(10, 3, square(2.5), square(2.5))].map(({ x0 }) => x0)).toEqual([0, 3, 5, 8]);
  });
});

it('labels a scale by its magnification', () => {
  expect(magnificationLabel(0.5)).toBe('20x');
  expect(magnificationLabel(0.2525)).toBe('40x');
  expect(magnificationLabel(8)).toBe('1.3x');
});
