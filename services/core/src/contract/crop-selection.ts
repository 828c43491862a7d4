import { type Static, Type } from 'typebox';

const Share = Type.Number({ minimum: 0, maximum: 1 });

/**
 * Which of the cut crops are used: bounds on the numbers stored with each crop. A bound that is absent admits every
 * crop; one that is given leaves out crops whose number was never measured. Kept by a cohort, and by a job as it was when
 * the job began.
 */
export const CropSelection = Type.Object(
  {
    minTissueFraction: Type.Optional(Share),
    /** See wsi/src/crop-quality.ts: falls with blur. */
    minSharpness: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
    /** Shares of the crop that are ink, folded tissue. */
    maxPen: Type.Optional(Share),
    maxFold: Type.Optional(Share),
    minSaturation: Type.Optional(Share),
    /** Mean optical density (log10). */
    minDarkness: Type.Optional(Type.Number({ minimum: 0, maximum: 2.5 })),
    maxDarkness: Type.Optional(Type.Number({ minimum: 0, maximum: 2.5 })),
  },
  { additionalProperties: false },
);
export type CropSelection = Static<typeof CropSelection>;

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
