import type { CropSelection } from './contract/crop-selection.ts';

export const defaultSelection: CropSelection = { minTissueFraction: 0.5 };

/** The numbers of a crop, and the bounds of a selection on each. */
export const cropNumbers = ['tissueFraction', 'sharpness', 'pen', 'fold', 'saturation', 'darkness'] as const;
export type CropNumber = (typeof cropNumbers)[number];

export const boundsOf = {
  tissueFraction: { least: 'minTissueFraction' },
  sharpness: { least: 'minSharpness' },
  pen: { most: 'maxPen' },
  fold: { most: 'maxFold' },
  saturation: { least: 'minSaturation' },
  darkness: { least: 'minDarkness', most: 'maxDarkness' },
} as const satisfies Record<CropNumber, { least?: keyof CropSelection; most?: keyof CropSelection }>;

/** The same selection always gives the same text. Its SHA-256 is the selection's hash. */
export function selectionText(selection: CropSelection): string {
  return JSON.stringify(selection, Object.keys(selection).sort());
}
