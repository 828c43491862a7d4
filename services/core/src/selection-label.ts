import type { CropSelection } from './contract/crop-selection.ts';
import { boundsOf, type CropNumber, cropNumbers } from './crop-numbers.ts';

export const numberWord: Record<CropNumber, string> = {
  tissueFraction: 'Tissue',
  sharpness: 'Sharpness',
  pen: 'Ink',
  fold: 'Folded',
  saturation: 'Saturation',
  darkness: 'Darkness',
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
