import { calibrated } from '@stroma/core/statistics/calibrated';
import { gradeScorer } from '@stroma/core/statistics/grade-scores';
import { mcnemarExact } from '@stroma/core/statistics/mcnemar';
import { type GradedTwice, pairedBootstrap, percentile } from '@stroma/core/statistics/paired-bootstrap';
import { rocCurve } from '@stroma/core/statistics/roc-curve';
import { describe, expect, it } from 'vitest';

/** Grades 0 1 1 1 2 0 of the labels 0 0 1 1 2 2; test/trainer/test_slide_metrics.py has the arithmetic. */
const labels = [0, 0, 1, 1, 2, 2];
const probabilities = [
  [0.7, 0.2, 0.1],
  [0.3, 0.5, 0.2],
  [0.1, 0.8, 0.1],
  [0.2, 0.6, 0.2],
  [0.1, 0.3, 0.6],
  [0.4, 0.3, 0.3],
];
const rows = labels.map((label, i) => ({ label, probabilities: probabilities[i] as number[] }));
const once = (count: number) => new Uint32Array(count).fill(1);

describe('scores of grades', () => {
  it('are those computed by hand', () => {
    const found = gradeScorer(rows, 3)(once(6));
    expect(found.accuracy).toBeCloseTo(4 / 6, 12);
    expect(found.balanced_accuracy).toBeCloseTo((1 / 2 + 1 + 1 / 2) / 3, 12);
    expect(found.macro_f1).toBeCloseTo((2 / 4 + 4 / 5 + 2 / 3) / 3, 12);
    expect(found.macro_auc).toBeCloseTo((7 / 8 + 2) / 3, 12);
    expect(found.kappa).toBeCloseTo(1 - 5 / 7, 12);
  });

  it('of slides that count several times are those of the slides written out', () => {
    const times = Uint32Array.from([2, 0, 3, 1, 1, 2]);
    const writtenOut = rows.flatMap((row, i) => Array.from({ length: times[i] as number }, () => row));
    const found = gradeScorer(rows, 3)(times);
    for (const [metric, value] of Object.entries(gradeScorer(writtenOut, 3)(once(writtenOut.length)))) {
      expect(found[metric as keyof typeof found]).toBeCloseTo(value, 12);
    }
  });

  it('count ties half, and are not defined without slides of a class', () => {
    const even = [0, 1].map((label) => ({ label, probabilities: [0.5, 0.5] }));
    expect(gradeScorer(even, 2)(once(2)).macro_auc).toBe(0.5);
    const alone = gradeScorer(even, 2)(Uint32Array.from([2, 0]));
    expect(alone.macro_auc).toBeNaN();
    expect(alone.kappa).toBeNaN();
    expect(alone.accuracy).toBe(1);
  });
});

describe('the exact test of McNemar', () => {
  it('is the binomial tail on both sides', () => {
    // 2·(1 + 5)/2⁵ = 0.375
    expect(mcnemarExact(1, 4)).toBeCloseTo(0.375, 12);
    expect(mcnemarExact(4, 1)).toBeCloseTo(0.375, 12);
    // 2/2⁵
    expect(mcnemarExact(0, 5)).toBeCloseTo(0.0625, 12);
    expect(mcnemarExact(0, 0)).toBe(1);
    expect(mcnemarExact(12, 12)).toBe(1);
  });

  it('agrees with sums of whole numbers, also where ½ⁿ is too small to write', () => {
    expect(mcnemarExact(3, 9)).toBeCloseTo(0.14599609375, 10);
    expect(mcnemarExact(40, 65)).toBeCloseTo(0.01874091540825805, 10);
    expect(mcnemarExact(900, 1010)).toBeCloseTo(0.012608304160630286, 9);
  });
});

describe('the paired bootstrap', () => {
  const certain = (grade: number): GradedTwice['first'] => [0, 1].map((k) => (k === grade ? 0.9 : 0.1));
  /** One model is right on 40 of 60 slides, the other on those and on `more` of the rest. */
  const graded = (more: number, slidesOfPatient = 1): GradedTwice[] =>
    Array.from({ length: 60 }, (_, i) => {
      const label = i % 2;
      return {
        ...{ patientId: `p${Math.floor(i / slidesOfPatient)}`, label },
        first: certain(i < 40 ? label : 1 - label),
        second: certain(i < 40 + more ? label : 1 - label),
      };
    });
  const ended = (given: GradedTwice[], seed = 7, resamples = 1000) => {
    const steps = pairedBootstrap(given, { classes: 2, resamples, seed });
    let yields = 0;
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return { found: step.value, yields };
      yields += 1;
    }
  };

  it('is the same for the same seed, and yields once a resample', () => {
    expect(ended(graded(6))).toEqual(ended(graded(6)));
    expect(ended(graded(6), 8).found).not.toEqual(ended(graded(6)).found);
    expect(ended(graded(6), 7, 20).yields).toBe(20);
  });

  it('finds the difference, and an interval as wide as theory says', () => {
    const { accuracy } = ended(graded(6), 7, 2000).found;
    expect(accuracy?.value).toBeCloseTo(0.1, 12);
    // Slides' differences are 1 with a share of 0.1, else 0: their mean has a deviation of sqrt(0.1·0.9/60) = 0.0387.
    expect(accuracy?.low).toBeCloseTo(0.1 - 1.96 * 0.0387, 1);
    expect(accuracy?.high).toBeCloseTo(0.1 + 1.96 * 0.0387, 1);
    // No resample is below 0; it is 0 with (0.9)⁶⁰ = 0.0018.
    expect(accuracy?.p).toBeLessThan(0.01);
  });

  it('finds nothing between a model and itself', () => {
    const same = graded(0).map((row) => ({ ...row, second: row.first }));
    const { accuracy, kappa } = ended(same).found;
    expect(accuracy).toEqual({ value: 0, low: 0, high: 0, p: 1 });
    expect(kappa).toEqual({ value: 0, low: 0, high: 0, p: 1 });
  });

  it('is no surer because a patient has many slides', () => {
    const width = (slides: number) => {
      const { accuracy } = ended(graded(12, slides), 7, 500).found;
      return (accuracy?.high ?? 0) - (accuracy?.low ?? 0);
    };
    expect(width(6)).toBeGreaterThan(1.5 * width(1));
    expect(width(60)).toBe(0);
  });

  it('says that a metric is not defined', () => {
    const oneClass = graded(3).map((row) => ({ ...row, label: 0 }));
    expect(ended(oneClass).found.macro_auc).toBeNull();
    expect(ended(oneClass).found.accuracy).not.toBeNull();
  });
});

it('percentiles are numpy’s', () => {
  const sorted = Float64Array.from([1, 2, 4, 8]);
  expect([0, 25, 50, 97.5, 100].map((at) => percentile(sorted, at))).toEqual([1, 1.75, 3, expect.closeTo(7.7, 12), 8]);
});

describe('a ROC curve', () => {
  it('calls equal scores together', () => {
    const curve = rocCurve([
      { positive: true, score: 0.9 },
      { positive: false, score: 0.5 },
      { positive: true, score: 0.5 },
      { positive: false, score: 0.1 },
    ]);
    expect(curve?.map((point) => [point.falsePositiveRate, point.truePositiveRate])).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
  });

  it('does not exist where a side is empty', () => {
    expect(rocCurve([{ positive: true, score: 0.9 }])).toBeUndefined();
    expect(rocCurve([])).toBeUndefined();
  });
});

it('a temperature softens or sharpens, and keeps the sum', () => {
  expect(calibrated([0.9, 0.1], Math.log(9) / Math.log(3))).toEqual([
    expect.closeTo(0.75, 12),
    expect.closeTo(0.25, 12),
  ]);
  expect(calibrated([0.2, 0.8], 1)).toEqual([expect.closeTo(0.2, 12), expect.closeTo(0.8, 12)]);
  expect(calibrated([1, 0], 2).every(Number.isFinite)).toBe(true);
});
