import { type Static, Type } from 'typebox';
import { Nullable, Time } from './common.ts';
import { SpacingMessage } from './scale.ts';

export const DuplicateKind = Type.Union([Type.Literal('pixels'), Type.Literal('picture')]);

/** GET /api/slides/:id/duplicates: slides that may be this one in another file; the surest first. */
export const SlideDuplicate = Type.Object({
  slideId: Type.String(),
  name: Type.String(),
  format: Type.String(),
  bytes: Type.Number(),
  width0: Type.Integer(),
  height0: Type.Integer(),
  mpp: Nullable(SpacingMessage),
  createdAt: Time,
  /** pixels: a level's pixels are equal. picture: the overviews look alike, also turned or mirrored. */
  kind: DuplicateKind,
  /** Bits of 63 in which the overviews' hashes differ; 0 for equal pixels. */
  distance: Type.Integer(),
  /** Where it is a member, and as whose. */
  cohorts: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), patientId: Type.String() })),
});
export type SlideDuplicate = Static<typeof SlideDuplicate>;
export const SlideDuplicateList = Type.Object({
  duplicates: Type.Array(SlideDuplicate),
  /** The slide's own memberships, to compare with. */
  cohorts: SlideDuplicate.properties.cohorts,
});
export type SlideDuplicateList = Static<typeof SlideDuplicateList>;

/** Two members of a cohort, or rows of labels that would be, that may be one slide. */
export const CohortDuplicate = Type.Object({
  slides: Type.Array(
    Type.Object({
      slide: Type.String(),
      name: Type.String(),
      /** Of the labels; a saved cohort keeps none. */
      line: Type.Optional(Type.Integer()),
      patientId: Type.String(),
      fold: Nullable(Type.Integer()),
    }),
    { minItems: 2, maxItems: 2 },
  ),
  kind: DuplicateKind,
  /** As of a SlideDuplicate. */
  distance: SlideDuplicate.properties.distance,
  /** In two folds: a model would be tested on a slide that it was trained on. */
  acrossFolds: Type.Boolean(),
});
export type CohortDuplicate = Static<typeof CohortDuplicate>;
