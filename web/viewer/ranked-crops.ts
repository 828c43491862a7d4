import type { AttentionMessage, CropList, SlideDetail } from '@stroma/core/http/slide';
import type { RankedCrop } from './crop-tile.tsx';
import { attentionOrder } from './heat-values.ts';

/** All scored crops from the most to the least attended. Attention comes in the order of the crops' ix. */
export function rankedCrops(slide: SlideDetail, list: CropList, attention: AttentionMessage): RankedCrop[] {
  const crops = [...list.crops].sort((a, b) => a.ix - b.ix);
  return attentionOrder(attention.attention).flatMap((index, order) => {
    const crop = crops[index];
    if (!crop) return [];
    return [
      {
        cropId: crop.id,
        slideId: slide.id,
        slideName: slide.name,
        x0: crop.x0,
        y0: crop.y0,
        size0X: list.size0X,
        size0Y: list.size0Y,
        rank: order + 1,
        attention: attention.attention[index] ?? 0,
      },
    ];
  });
}
