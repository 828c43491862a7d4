import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import type { CropNumber } from '@stroma/core/crop-numbers';
import { scaleLabel } from '@stroma/core/units';

/** `0.50 µm/px (20x)`, with size and overlap where they are not the usual ones. */
export function cropsLabel({ mpp, ...grid }: CropGrid & { mpp: number }): string {
  return [scaleLabel(mpp), gridLabel(grid)].filter(Boolean).join(', ');
}

export function gridLabel({ sizePx, stridePx }: CropGrid): string {
  const overlap = sizePx - stridePx;
  if (overlap === 0) return sizePx === defaultGrid.sizePx ? '' : `${sizePx} px`;
  return `${sizePx} px, overlapping by ${overlap} px`;
}

export const numberMeaning: Record<CropNumber, string> = {
  tissueFraction: 'Share of the crop that is tissue',
  sharpness: 'How much of the contrast is fine detail; compare it between crops of the same µm/px',
  pen: 'Share of the pixels that are blue, green, red or black ink',
  fold: 'Share of the crop where the tissue lies double',
  saturation: 'Mean colour saturation, 0 to 1',
  darkness: 'Mean optical density',
};
