import type { Scores } from '@stroma/core/http/scores';
import { largestFirst, softmax } from '@stroma/core/mil/attention';
import type { ColourMap } from './colour-maps.ts';
import type { HeatSettings } from './view-address.ts';

/** What a heat map tells of each crop, in the order of the scores. Attention reaches from 0 to 1, evidence from −1 to 1. */
export interface HeatValues {
  /** Attention: the share of crops with less. Evidence: the share of crops with evidence of less size, with its sign. */
  rank: Float32Array;
  /** The number itself over the largest size on the slide. */
  absolute: Float32Array;
  /** The numbers themselves: attention, sum 1; or evidence. */
  numbers: Float64Array | Float32Array;
  lowest: number;
  highest: number;
  /** Evidence speaks for a class or against it. */
  signed: boolean;
}

/** Attention when no class is named, else the evidence for the class of this index. */
export function heatValues(scores: Scores, evidence: number | null): HeatValues {
  const ofClass = evidence === null ? undefined : scores.evidence[evidence];
  const numbers = ofClass ?? softmax(scores.attentionLogits);
  const sizes = ofClass ? ofClass.map(Math.abs) : numbers;
  const order = largestFirst(sizes);
  const largest = sizes[order[0] ?? 0] ?? 0;
  const rank = new Float32Array(numbers.length);
  order.forEach((crop, place) => {
    const share = order.length > 1 ? 1 - place / (order.length - 1) : 1;
    rank[crop] = ofClass ? Math.sign(ofClass[crop] ?? 0) * share : share;
  });
  let [lowest, highest] = numbers.length > 0 ? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : [0, 0];
  for (const number of numbers) {
    if (number < lowest) lowest = number;
    if (number > highest) highest = number;
  }
  const absolute = Float32Array.from(numbers, (number) => (largest > 0 ? number / largest : 0));
  return { rank, absolute, numbers, lowest, highest, signed: ofClass !== undefined };
}

/** Crops that a threshold leaves: single precision, as they are drawn. */
export function isAbove(value: number, threshold: number): boolean {
  return Math.abs(value) >= Math.fround(threshold);
}

export function countAbove(values: Float32Array, threshold: number): number {
  let above = 0;
  for (const value of values) if (isAbove(value, threshold)) above += 1;
  return above;
}

/** Where a value lies on the scale of colours, 0…1. */
export const onScale = (value: number, signed: boolean) => (signed ? (value + 1) / 2 : value);

export const mapOf = (settings: HeatSettings, { signed }: HeatValues): ColourMap =>
  signed ? 'diverging' : settings.colours;
