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
