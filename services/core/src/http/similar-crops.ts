import { type Static, Type } from 'typebox';
import { EncoderName, Nullable } from './common.ts';

const Level0Px = Type.Number({ minimum: -1e9, maximum: 1e9 });
const Side0 = Type.Number({ exclusiveMinimum: 0, maximum: 1e9 });

/**
 * What similar crops are wanted of. A rectangle, in level-0 px, stands for the mean direction of the crops whose centres
 * lie in it; one that holds no centre, for the crop under its own centre, or the nearest to it that it overlaps.
 */
export const SearchedPlace = Type.Union([
  Type.Object({ cropId: Type.String({ pattern: '^\\d{1,9}:\\d{1,9}$' }) }, { additionalProperties: false }),
  Type.Object(
    { slideId: Type.String({ format: 'uuid' }), x0: Level0Px, y0: Level0Px, width0: Side0, height0: Side0 },
    { additionalProperties: false },
  ),
]);
export type SearchedPlace = Static<typeof SearchedPlace>;

/** Which crops of the cohort are compared. Without a filter all of them but those that were asked with. */
export const CropFilter = Type.Object({
  slideIds: Type.Optional(Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 1000 })),
  /** Names of the cohort's classes. */
  labels: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  /** With slides that have no label; alone, only these. */
  unlabelled: Type.Optional(Type.Boolean()),
  /** Names of sites, as the cohort's labels have them. */
  sites: Type.Optional(Type.Array(Type.String(), { maxItems: 1000 })),
  /** With slides whose site is not named; alone, only these. */
  unnamedSite: Type.Optional(Type.Boolean()),
  /** Leaves out the slide that was asked with, or all of its patient's. */
  except: Type.Optional(Type.Union([Type.Literal('slide'), Type.Literal('patient')])),
});
export type CropFilter = Static<typeof CropFilter>;

/** POST /api/jobs/:id/similar-crops: the nearest crops of the job's cohort by the cosine of their embeddings. */
export const SimilarCropsRequest = Type.Object({
  encoder: EncoderName,
  of: SearchedPlace,
  filter: Type.Optional(CropFilter),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 24 })),
});
export type SimilarCropsRequest = Static<typeof SimilarCropsRequest>;

export const SimilarCrop = Type.Object({
  cropId: Type.String(),
  slideId: Type.String(),
  slideName: Type.String(),
  label: Nullable(Type.String()),
  site: Nullable(Type.String()),
  /** Level-0 px. */
  x0: Type.Integer(),
  y0: Type.Integer(),
  size0X: Type.Number(),
  size0Y: Type.Number(),
  /** Cosine of the two embeddings, −1…1. */
  similarity: Type.Number(),
});
export type SimilarCrop = Static<typeof SimilarCrop>;

export const SimilarCropsAnswer = Type.Object({
  /** Crops that were asked with: one, or those in the rectangle. */
  askedWith: Type.Integer(),
  /** Crops that pass the filter. */
  compared: Type.Integer(),
  /** Every one of them was looked at; false when an index led to the nearest, which may miss a few. */
  exact: Type.Boolean(),
  seconds: Type.Number(),
  classes: Type.Array(Type.String()),
  /** Sites that slides of the cohort are of; none when its labels do not name them. */
  sites: Type.Array(Type.String()),
  /** Most similar first. */
  crops: Type.Array(SimilarCrop),
});
export type SimilarCropsAnswer = Static<typeof SimilarCropsAnswer>;
