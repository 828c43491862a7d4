import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';

/** POST /api/jobs/:jobId/interpolations: one step of a walk, drawn live by the job's E-LDM. */
export const InterpolationRequest = Type.Object({
  primaryCropId: Type.String({ pattern: '^\\d{1,9}:\\d{1,9}$' }),
  secondaryCropId: Type.String({ pattern: '^\\d{1,9}:\\d{1,9}$' }),
  /** Weight of the primary crop: 1 is the primary, 0 the secondary. */
  alphaPrimary: Type.Number({ minimum: 0, maximum: 1 }),
  /** The same noise for every alpha of a walk; another replica is "same pair, other noise". */
  replica: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, default: 0 })),
  steps: Type.Optional(Type.Integer({ minimum: 2, maximum: 50 })),
});
export type InterpolationRequest = Static<typeof InterpolationRequest>;

export const InterpolationAnswer = Type.Object({
  alphaPrimary: Type.Number(),
  steps: Type.Integer(),
  seconds: Type.Number(),
  synthetic: Type.Literal(true),
  /** Cosine of the picture's own embedding to the two sources'. */
  similarityPrimary: Nullable(Type.Number()),
  similaritySecondary: Nullable(Type.Number()),
  /** PNG, base64; its metadata says that it is synthetic and how it was made. */
  png: Type.String(),
});
export type InterpolationAnswer = Static<typeof InterpolationAnswer>;
