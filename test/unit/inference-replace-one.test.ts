import { logSumExp, PooledBag } from '@stroma/inference/engine/pooled-bag';
import type { PooledPart } from '@stroma/inference/engine/protocol';
import { meanProbabilities } from '@stroma/inference/prediction/mean-of-folds';
import { probabilitiesWith, withReplaced } from '@stroma/inference/prediction/replace-one';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../fixtures/seeded-random.ts';

const random = seededRandom(5);
const draw = (spread: number) => (random() - 0.5) * spread;
const instance = (mass = draw(8)): PooledPart => ({ logits: Float32Array.from({ length: 3 }, () => draw(4)), mass });

/** The bag pooled as a whole. */
function pooled(parts: readonly PooledPart[]): PooledPart {
  const bag = new PooledBag();
  for (const part of parts) bag.add(part.logits, Float32Array.of(part.mass));
  const { logits, attentionLogits } = bag.finish();
  return { logits, mass: logSumExp(attentionLogits) };
}

describe('one crop of a bag replaced', () => {
  it('gives what the bag pooled anew gives', () => {
    for (const size of [2, 3, 50, 2_000]) {
      const crops = Array.from({ length: size }, () => instance());
      const place = Math.floor(random() * size);
      const other = instance();
      const anew = pooled(crops.map((crop, i) => (i === place ? other : crop)));
      const replaced = withReplaced(pooled(crops.filter((_, i) => i !== place)), other);
      for (const [c, logit] of anew.logits.entries()) expect(replaced[c]).toBeCloseTo(logit, 5);
    }
  });

  it('is exact where the replaced crop had all the attention', () => {
    const [quiet, loud, other] = [instance(-3), instance(40), instance(-2)];
    const whole = [quiet, instance(-4), loud];
    const anew = pooled([whole[0] as PooledPart, whole[1] as PooledPart, other]);
    const replaced = withReplaced(pooled(whole.slice(0, 2)), other);
    for (const [c, logit] of anew.logits.entries()) expect(replaced[c]).toBeCloseTo(logit, 5);
  });

  it('is the new crop alone in a bag of one', () => {
    const other = instance();
    expect([...withReplaced({ logits: new Float32Array(3), mass: logSumExp(new Float32Array()) }, other)]).toEqual([
      ...other.logits,
    ]);
  });

  it('averages the models’ probabilities', () => {
    const rests = [instance(), instance()];
    const others = [instance(), instance()];
    const each = rests.map((rest, i) => withReplaced(rest, others[i] as PooledPart));
    expect(probabilitiesWith(rests, others)).toEqual(meanProbabilities(each));
  });
});
