import { softmax } from '@stroma/core/mil/attention';

/** Softmax of each model's logits, averaged over the models. */
export function meanProbabilities(logits: readonly Float32Array[]): number[] {
  const each = logits.map((values) => softmax(values));
  return Array.from(each[0] ?? [], (_, i) => each.reduce((sum, values) => sum + (values[i] ?? 0), 0) / each.length);
}

/**
 * One model: its logits as they are. Several: the logarithm of their mean attention, because logits of different
 * models have no common zero; softmax of the answer is that mean.
 */
export function meanAttentionLogits(logits: readonly Float32Array[]): Float32Array {
  const [only] = logits;
  if (only && logits.length === 1) return only;
  const each = logits.map((values) => softmax(values));
  // Below the smallest float32 attention is nothing; a finite logit keeps the arithmetic of readers whole.
  const least = 1e-38;
  return Float32Array.from(only ?? [], (_, i) =>
    Math.log(Math.max(least, each.reduce((sum, values) => sum + (values[i] ?? 0), 0) / each.length)),
  );
}
