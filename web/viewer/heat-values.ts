import type { AttentionMessage } from '@stroma/core/http/slide';
import type { HeatSettings } from './view-address.ts';

export interface HeatValues {
  /** 0…1 for each crop, in the order of the attention. */
  values: Float64Array;
  lowest: number;
  highest: number;
}

/** Rank: the share of crops with less attention. Absolute: attention over the slide's highest. */
export function heatValues({ attention }: AttentionMessage, mode: HeatSettings['mode']): HeatValues {
  const size = attention.length;
  const values = new Float64Array(size);
  const order = attentionOrder(attention);
  const lowest = attention[order[size - 1] ?? 0] ?? 0;
  const highest = attention[order[0] ?? 0] ?? 0;
  if (mode === 'absolute') {
    for (let i = 0; i < size; i += 1) values[i] = highest > 0 ? (attention[i] ?? 0) / highest : 0;
  } else {
    order.forEach((crop, rank) => {
      values[crop] = size > 1 ? 1 - rank / (size - 1) : 1;
    });
  }
  return { values, lowest, highest };
}

/** Crop positions from the most to the least attended; equal attention keeps the crops' order. */
export function attentionOrder(attention: readonly number[]): number[] {
  return attention.map((_, index) => index).sort((a, b) => (attention[b] ?? 0) - (attention[a] ?? 0) || a - b);
}

export function countAbove({ values }: HeatValues, threshold: number): number {
  return values.reduce((sum, value) => sum + (value >= threshold ? 1 : 0), 0);
}
