import { softmax } from '@stroma/core/mil/attention';
import { chooseFolds } from '@stroma/inference/prediction/choose-folds';
import { meanAttentionLogits, meanProbabilities } from '@stroma/inference/prediction/mean-of-folds';
import { describe, expect, it } from 'vitest';

const slide = (patientId: string, fold: number, label: number | null) => ({ patientId, fold, label });
const cohort = [slide('a', 0, 1), slide('a', 0, null), slide('b', 1, 0), slide('c', 2, null)];

describe('chooseFolds', () => {
  it('grades a labelled slide by the model of its own fold', () => {
    expect(chooseFolds(slide('b', 1, 0), cohort, [0, 1, 2])).toEqual({ folds: [1], heldOut: true });
  });

  it('holds out an unlabelled slide whose patient has a labelled one', () => {
    expect(chooseFolds(slide('a', 0, null), cohort, [0, 1, 2])).toEqual({ folds: [0], heldOut: true });
  });

  it('asks all models about a patient whom none has seen', () => {
    expect(chooseFolds(slide('c', 2, null), cohort, [2, 1, 0])).toEqual({ folds: [0, 1, 2], heldOut: true });
  });

  it('says so when the model that had not seen the patient is missing', () => {
    expect(chooseFolds(slide('b', 1, 0), cohort, [0, 2])).toEqual({ folds: [0, 2], heldOut: false });
  });
});

describe('means over folds', () => {
  it('averages probabilities, not logits', () => {
    const [p] = meanProbabilities([Float32Array.of(0, 0), Float32Array.of(100, 0)]);
    expect(p).toBeCloseTo(0.75, 9);
  });

  it('leaves the logits of a single model as they are', () => {
    const logits = Float32Array.of(1, -2, 3);
    expect(meanAttentionLogits([logits])).toBe(logits);
  });

  it('gives logits whose softmax is the mean attention', () => {
    const [a, b] = [Float32Array.of(0, 1, 2), Float32Array.of(5, 5, 9)];
    const mean = softmax(a).map((value, i) => (value + (softmax(b)[i] ?? 0)) / 2);
    const found = softmax(meanAttentionLogits([a, b]));
    for (const [i, value] of mean.entries()) expect(found[i]).toBeCloseTo(value, 6);
  });

  it('stays finite where an attention vanishes', () => {
    const found = meanAttentionLogits([Float32Array.of(0, -1000), Float32Array.of(0, -1000)]);
    expect(Number.isFinite(found[1])).toBe(true);
  });
});
