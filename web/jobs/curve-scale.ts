/** Lowest and highest. */
export type Range = readonly [number, number];

/** Round numbers inside the range, about `most` of them and never nearer than `least` to one another. */
export function ticksOf([low, high]: Range, most: number, least = 0): number[] {
  if (!(high > low)) return [low];
  const rough = Math.max((high - low) / most, least);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5].find((factor) => factor * decade >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // A product is rounded once; sums of a step drift.
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** What the values take up, with a little room above and below. */
export function roomFor(values: readonly number[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(low) * 0.06 || 1;
  return [low - room, high + room];
}

/** Of numbers in ascending order the nearest to `wanted`; undefined where there are none. */
export function nearest(sorted: readonly number[], wanted: number): number | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [sorted[low - 1], sorted[low]];
  if (before === undefined || after === undefined) return before ?? after;
  return wanted - before <= after - wanted ? before : after;
}
