import type { PooledPart } from '../engine/protocol.ts';
import { meanProbabilities } from './mean-of-folds.ts';

/**
 * A bag's logits from those of the bag without one crop, and of what stands in the crop's place. Pooling is a mean
 * weighted by exp(attention logit), and the classifier behind it affine: the same as pooling the whole bag anew.
 */
export function withReplaced(rest: PooledPart, instance: PooledPart): Float32Array {
  const share = 1 / (1 + Math.exp(rest.mass - instance.mass));
  // Nothing is left of a bag of one crop.
  if (rest.mass === Number.NEGATIVE_INFINITY) return instance.logits;
  return rest.logits.map((logit, c) => (1 - share) * logit + share * (instance.logits[c] ?? 0));
}

/** Mean of the models' probabilities, in the order of `rest` and `instance`: one of each a model. */
export function probabilitiesWith(rest: readonly PooledPart[], instance: readonly PooledPart[]): number[] {
  return meanProbabilities(rest.map((part, i) => withReplaced(part, instance[i] ?? part)));
}
