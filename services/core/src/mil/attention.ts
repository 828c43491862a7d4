/** Attention of a bag: exp(logit) normalised to sum 1. The largest logit is taken off first, so nothing overflows. */
export function softmax(logits: Float32Array): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  const weights = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i += 1) {
    weights[i] = Math.exp((logits[i] ?? 0) - largest);
    sum += weights[i] ?? 0;
  }
  for (let i = 0; i < weights.length; i += 1) weights[i] = (weights[i] ?? 0) / sum;
  return weights;
}

/** As many values as `largestFirst` takes: a sort key holds 32 bits of a value and 21 of its place exactly. */
const mostSorted = 2 ** 21;

/**
 * Positions from the largest value to the smallest; equal values keep their order. The numbers are sorted as such,
 * because a comparison in JavaScript would take ten times as long.
 */
export function largestFirst(values: Float32Array): Uint32Array {
  const count = values.length;
  if (count > mostSorted) throw new RangeError(`${count} values to sort, at most ${mostSorted}`);
  const bits = new Uint32Array(1);
  const single = new Float32Array(bits.buffer);
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    // Zero has two signs; a sum has one.
    single[0] = (values[i] ?? 0) + 0;
    const word = bits[0] ?? 0;
    // Larger values get smaller words: negative ones grow with their size already.
    keys[i] = (word >>> 31 ? word : ~(word | 0x8000_0000) >>> 0) * mostSorted + i;
  }
  keys.sort();
  const order = new Uint32Array(count);
  for (let place = 0; place < count; place += 1) order[place] = (keys[place] ?? 0) % mostSorted;
  return order;
}
