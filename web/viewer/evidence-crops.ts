import { largestFirst } from '@stroma/core/mil/attention';
import { figure } from '../parts/number-label.ts';
import type { RankedCrop, RankedCrops } from './ranked-crops.ts';

/** The crops that speak most for a class, and those that speak most against it, at most `most` of either. */
export function evidenceEnds(
  crops: RankedCrops,
  evidence: Float32Array,
  most: number,
): [mostFor: RankedCrop[], mostAgainst: RankedCrop[]] {
  const order = largestFirst(evidence);
  const first = (sign: 1 | -1) => {
    const found: RankedCrop[] = [];
    for (let place = 0; place < Math.min(most, order.length); place += 1) {
      const index = order[sign > 0 ? place : order.length - 1 - place] ?? 0;
      if (sign * (evidence[index] ?? 0) <= 0) break;
      const crop = crops.of(index);
      if (crop) found.push(crop);
    }
    return found;
  };
  return [first(1), first(-1)];
}

/** With its sign: for or against. */
export function evidenceWords(value: number): string {
  const sign = value > 0 ? '+' : value < 0 ? '−' : '';
  return sign + figure(Math.abs(value));
}
