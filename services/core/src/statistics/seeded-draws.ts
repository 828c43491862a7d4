/** Whole numbers below `count`, the same for the same seed (mulberry32): enough for resampling, nothing to keep secret by. */
export function seededDraws(seed: number): (count: number) => number {
  let state = seed | 0;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return Math.floor((((z ^ (z >>> 14)) >>> 0) / 4_294_967_296) * count);
  };
}
