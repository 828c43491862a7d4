import type { Scores } from '@stroma/core/http/scores';
import type { SlideDetail } from '@stroma/core/http/slide';
import { largestFirst, softmax } from '@stroma/core/mil/attention';
import type { WalkCrop } from './walk-pair.ts';

export interface RankedCrop extends WalkCrop {
  /** Its place in the scores. */
  index: number;
  /** 1 is the most attended. */
  rank: number;
  attention: number;
}

/** All scored crops, each made when it is looked at: there may be 10^5. */
export interface RankedCrops {
  count: number;
  /** From the most to the least attended: place 0 is the most. */
  at(place: number): RankedCrop | undefined;
  /** By its place in the scores. */
  of(index: number): RankedCrop | undefined;
}

export function rankedCrops(slide: Pick<SlideDetail, 'id' | 'name'>, scores: Scores): RankedCrops {
  const { cropSetId, ix, x0, y0, size0X, size0Y, attentionLogits } = scores;
  let sorted: { order: Uint32Array; attention: Float64Array } | undefined;
  const ranking = () => {
    sorted ??= { order: largestFirst(attentionLogits), attention: softmax(attentionLogits) };
    return sorted;
  };
  const crop = (index: number, rank: number): RankedCrop => ({
    cropId: `${cropSetId}:${ix[index]}`,
    slideId: slide.id,
    slideName: slide.name,
    x0: x0[index] ?? 0,
    y0: y0[index] ?? 0,
    size0X,
    size0Y,
    index,
    rank,
    attention: ranking().attention[index] ?? 0,
  });
  return {
    count: attentionLogits.length,
    at(place) {
      const index = ranking().order[place];
      return index === undefined ? undefined : crop(index, place + 1);
    },
    of(index) {
      const place = ranking().order.indexOf(index);
      return place < 0 ? undefined : crop(index, place + 1);
    },
  };
}

/** The first `most` and, from the very last upwards, `least` of the others. */
export function endsOf(crops: RankedCrops, most: number, least: number): [most: RankedCrop[], least: RankedCrop[]] {
  const first = Math.min(most, crops.count);
  const last = Math.min(least, crops.count - first);
  const from = (start: number, step: number, count: number) =>
    Array.from({ length: count }, (_, i) => crops.at(start + i * step)).filter((crop) => crop !== undefined);
  return [from(0, 1, first), from(crops.count - 1, -1, last)];
}
