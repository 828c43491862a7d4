import type { Scores } from '@stroma/core/http/scores';
import type { SlideDetail } from '@stroma/core/http/slide';
import { largestFirst, softmax } from '@stroma/core/mil/attention';
import type { RankedCrop } from './crop-tile.tsx';

/** All scored crops from the most to the least attended. */
export function rankedCrops(slide: SlideDetail, scores: Scores): RankedCrop[] {
  const { cropSetId, ix, x0, y0, size0X, size0Y } = scores;
  const attention = softmax(scores.attentionLogits);
  return Array.from(largestFirst(attention), (crop, order) => ({
    cropId: `${cropSetId}:${ix[crop]}`,
    slideId: slide.id,
    slideName: slide.name,
    x0: x0[crop] ?? 0,
    y0: y0[crop] ?? 0,
    size0X,
    size0Y,
    rank: order + 1,
    attention: attention[crop] ?? 0,
  }));
}
