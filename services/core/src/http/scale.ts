import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';

/** µm/px at level 0 along both axes. */
export const SpacingMessage = Type.Object({ x: Type.Number(), y: Type.Number() });

export const scaleStates = ['known', 'missing', 'conflict'] as const;

/** What is said of a slide's scale, and why one of it counts or none does. */
export const SlideScale = Type.Object({
  /** conflict: declared and derived differ by more than 2 %, and nobody has chosen. */
  state: Type.Enum(scaleStates),
  /** By the vendor's header; by other tags such as the resolution tags; by a person. */
  declared: Nullable(SpacingMessage),
  derived: Nullable(SpacingMessage),
  user: Nullable(SpacingMessage),
  reason: Type.String(),
});
export type SlideScale = Static<typeof SlideScale>;

const axis = Type.Number({ minimum: 0.01, maximum: 100 });

export const ScaleChoice = Type.Union([
  Type.Object({ use: Type.Literal('declared') }),
  Type.Object({ use: Type.Literal('derived') }),
  Type.Object({ use: Type.Literal('user'), mpp: Type.Object({ x: axis, y: axis }) }),
]);
export type ScaleChoice = Static<typeof ScaleChoice>;

/** POST /api/slide-scales, and /api/slide-scales/report, which changes nothing. */
export const ScaleRequest = Type.Object({
  slideIds: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 100_000 }),
  scale: ScaleChoice,
});
export type ScaleRequest = Static<typeof ScaleRequest>;

export const ScaleReport = Type.Object({
  /** Slides that get this scale. */
  slides: Type.Integer(),
  /** Slides that stay as they are, because their file makes no such statement. */
  without: Type.Integer(),
  /** What was made at another scale; it stays, marked as stale. */
  stale: Type.Object({
    slides: Type.Integer(),
    cropSets: Type.Integer(),
    crops: Type.Integer(),
    embeddingSets: Type.Integer(),
    predictions: Type.Integer(),
  }),
});
export type ScaleReport = Static<typeof ScaleReport>;
