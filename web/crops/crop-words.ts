import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import { boundsOf, type CropNumber, cropNumbers } from '@stroma/core/crop-numbers';
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

export const numberWord: Record<CropNumber, string> = {
  tissueFraction: 'Tissue',
  sharpness: 'Sharpness',
  pen: 'Ink',
  fold: 'Folded',
  saturation: 'Saturation',
  darkness: 'Darkness',
};

export const numberMeaning: Record<CropNumber, string> = {
  tissueFraction: 'Share of the crop that is tissue',
  sharpness: 'How much of the contrast is fine detail; compare it between crops of the same µm/px',
  pen: 'Share of the pixels that are blue, green, red or black ink',
  fold: 'Share of the crop where the tissue lies double',
  saturation: 'Mean colour saturation, 0 to 1',
  darkness: 'Mean optical density',
};

/** 0.5, not 0.500: a bound is as a person typed it. */
const short = (value: number) => String(Number(value.toFixed(3)));

/** `tissue at least 0.5, ink at most 0.1`; what every crop meets is not said. */
export function selectionLabel(selection: CropSelection): string {
  const parts = cropNumbers.flatMap((number) => {
    const { least, most }: { least?: keyof CropSelection; most?: keyof CropSelection } = boundsOf[number];
    const [from, to] = [least && selection[least], most && selection[most]];
    const word = numberWord[number].toLowerCase();
    return [
      ...(from === undefined ? [] : [`${word} at least ${short(from)}`]),
      ...(to === undefined ? [] : [`${word} at most ${short(to)}`]),
    ];
  });
  return parts.join(', ') || 'every crop that was cut';
}
