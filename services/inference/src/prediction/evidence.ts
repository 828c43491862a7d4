import { softmax } from '@stroma/core/mil/attention';

export interface ScoredBag {
  attentionLogits: Float32Array;
  /** Class logits of each instance taken for a bag of its own, instance after instance; null when the model has none. */
  classLogits: Float32Array | null;
}

/**
 * Signed evidence of every crop for every class, class after class: the crop's attention times how far its own logit of
 * the class lies above the mean of its logits. Summed over the crops it is the bag's logit above the mean of its logits,
 * because the classifier is affine. Of several models: the mean. Null when one of them tells no class logits.
 */
export function meanEvidence(bags: readonly ScoredBag[], classes: number): Float32Array | null {
  const crops = bags[0]?.attentionLogits.length ?? 0;
  const sum = new Float64Array(crops * classes);
  for (const { attentionLogits, classLogits } of bags) {
    if (!classLogits) return null;
    const attention = softmax(attentionLogits);
    for (let crop = 0; crop < crops; crop += 1) {
      const own = classLogits.subarray(crop * classes, (crop + 1) * classes);
      const mean = own.reduce((total, logit) => total + logit, 0) / classes;
      const weight = (attention[crop] ?? 0) / bags.length;
      for (let c = 0; c < classes; c += 1) {
        const at = c * crops + crop;
        sum[at] = (sum[at] ?? 0) + weight * ((own[c] ?? 0) - mean);
      }
    }
  }
  return Float32Array.from(sum);
}
