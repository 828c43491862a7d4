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
  const crops = numbers.length;
  const order = largestFirst(ofClass ? ofClass.map(Math.abs) : scores.attentionLogits);
  const largest = Math.abs(numbers[order[0] ?? 0] ?? 0);
  const rank = new Float32Array(crops);
  const absolute = new Float32Array(crops);
  let [lowest, highest] = crops > 0 ? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : [0, 0];
  for (let place = 0; place < crops; place += 1) {
    const crop = order[place] ?? 0;
    const number = numbers[crop] ?? 0;
    const share = crops > 1 ? 1 - place / (crops - 1) : 1;
    rank[crop] = ofClass ? Math.sign(number) * share : share;
    absolute[crop] = largest > 0 ? number / largest : 0;
    if (number < lowest) lowest = number;
    if (number > highest) highest = number;
  }
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
