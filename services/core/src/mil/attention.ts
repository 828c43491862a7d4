/** Attention of a bag: exp(logit) normalised to sum 1. The largest logit is taken off first, so nothing overflows. */
export function softmax(logits: Float32Array): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}

/** Positions from the largest value to the smallest; equal values keep their order. */
export function largestFirst(values: Float32Array | Float64Array): Uint32Array {
  return Uint32Array.from(values, (_, i) => i).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
}
