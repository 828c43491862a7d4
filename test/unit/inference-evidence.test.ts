import { softmax } from '@stroma/core/mil/attention';
import { PooledBag } from '@stroma/inference/engine/pooled-bag';
import { meanEvidence } from '@stroma/inference/prediction/evidence';
import { describe, expect, it } from 'vitest';

describe('evidence', () => {
  it('is attention times the logit above the mean of the logits, class after class', () => {
    // Attention 1/4 and 3/4; the first crop's logits lie at ±1 of their mean, the second's at ±2.
    const bag = { attentionLogits: Float32Array.of(0, Math.log(3)), classLogits: Float32Array.of(5, 3, 0, 4) };
    const found = [...(meanEvidence([bag], 2) ?? [])];
    for (const [i, expected] of [0.25, -1.5, -0.25, 1.5].entries()) expect(found[i]).toBeCloseTo(expected, 6);
  });

  it('sums over the crops to the bag’s logits above their mean, for bags read in pieces', () => {
    const pieces = [Float32Array.of(0, 2), Float32Array.of(-1)].map((attentionLogits, piece) => {
      const classLogits = Float32Array.from({ length: 3 * attentionLogits.length }, (_, i) => Math.sin(7 * piece + i));
      const attention = softmax(attentionLogits);
      const logit = (c: number) => attention.reduce((sum, a, i) => sum + a * (classLogits[3 * i + c] ?? 0), 0);
      return { attentionLogits, classLogits, logits: Float32Array.from([0, 1, 2], logit) };
    });
    const bag = new PooledBag();
    for (const piece of pieces) bag.add(piece.logits, piece.attentionLogits, piece.classLogits);
    const whole = bag.finish();
    const evidence = meanEvidence([whole], 3) ?? new Float32Array();
    const mean = whole.logits.reduce((sum, logit) => sum + logit, 0) / 3;
    for (const [c, logit] of whole.logits.entries()) {
      const sum = evidence.subarray(3 * c, 3 * c + 3).reduce((total, each) => total + each, 0);
      expect(sum).toBeCloseTo(logit - mean, 5);
    }
  });

  it('of several models is their mean', () => {
    const one = { attentionLogits: Float32Array.of(0), classLogits: Float32Array.of(2, 0) };
    const other = { attentionLogits: Float32Array.of(9), classLogits: Float32Array.of(0, 4) };
    expect([...(meanEvidence([one, other], 2) ?? [])]).toEqual([-0.5, 0.5]);
  });

  it('is absent when a model tells no class logits', () => {
    const told = { attentionLogits: Float32Array.of(0), classLogits: Float32Array.of(1, 2) };
    expect(meanEvidence([told, { ...told, classLogits: null }], 2)).toBeNull();
    const bag = new PooledBag();
    bag.add(Float32Array.of(1, 2), Float32Array.of(0));
    expect(bag.finish().classLogits).toBeNull();
  });
});
