import { type Static, Type } from 'typebox';
import { EncoderName, Nullable, ProblemMessage } from './common.ts';
import { runStatuses } from './job.ts';

/** How far the models behind a grade are apart. */
export const ModelSpread = Type.Object({
  /** By class, the least and the largest probability that a model gave. */
  low: Type.Array(Type.Number()),
  high: Type.Array(Type.Number()),
  models: Type.Integer(),
});
export type ModelSpread = Static<typeof ModelSpread>;

/** A grade with how far the asked models are apart, and whether it is too uncertain to be given. */
export const SpreadGrade = Type.Object({
  predictionId: Type.Integer(),
  classes: Type.Array(Type.String()),
  /** Mean over the models. */
  probabilities: Type.Array(Type.Number()),
  ...ModelSpread.properties,
  folds: Type.Array(Type.Integer()),
  /** Whether the calibrated top probability lies in the training's abstain band; null where it has none. */
  abstains: Nullable(Type.Boolean()),
  /** Made of crops that were cut at a scale which the slide no longer has. */
  stale: Type.Boolean(),
});
export type SpreadGrade = Static<typeof SpreadGrade>;

/** What an active model made of a slide on its arrival. */
export const SlideGrading = Type.Object({
  /** Of the slide model's training. */
  modelRunId: Type.Integer(),
  jobId: Type.Integer(),
  cohortName: Type.String(),
  encoder: EncoderName,
  status: Type.Enum(runStatuses),
  error: Nullable(ProblemMessage),
  /** POST /api/runs/:id/retry has what failed carried out once more: the grading, or the cutting it waits for. */
  retryRunId: Nullable(Type.Integer()),
  grade: Nullable(SpreadGrade),
});
export type SlideGrading = Static<typeof SlideGrading>;
