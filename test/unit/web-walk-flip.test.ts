import { describe, expect, it } from 'vitest';
import { flipOf } from '../../web/viewer/walk-flip.ts';

const step = (alpha: number, ...probabilities: number[]) => ({ alpha, probabilities });

describe('where a grade flips', () => {
  it('is the first step from the primary on at which another grade is the most probable', () => {
    const steps = [step(0, 0.1, 0.9), step(0.5, 0.4, 0.6), step(1, 0.8, 0.2), step(0.75, 0.6, 0.4)];
    expect(flipOf(0, steps)).toEqual({ alpha: 0.5, before: 0.75, grade: 1 });
  });

  it('is nowhere when the grade stays', () => {
    expect(flipOf(0, [step(1, 0.8, 0.2), step(0, 0.51, 0.49)])).toBeNull();
    expect(flipOf(0, [])).toBeNull();
  });

  it('has no step before it when the picture of the primary crop is already graded otherwise', () => {
    expect(flipOf(2, [step(1, 0.5, 0.2, 0.3), step(0, 0, 0, 1)])).toEqual({ alpha: 1, before: null, grade: 0 });
  });
});
