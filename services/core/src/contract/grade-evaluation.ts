import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** `metrics` of a `train_abmil` result: what was graded out of fold, and how far its probabilities can be trusted. */
export const gradeMetrics = ['accuracy', 'balanced_accuracy', 'macro_f1', 'macro_auc', 'kappa'] as const;
export type GradeMetric = (typeof gradeMetrics)[number];

/** Null: not defined on these slides, as an AUC without a slide of the class. */
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);
const metrics = {
  accuracy: MaybeNumber,
  balanced_accuracy: MaybeNumber,
  macro_f1: MaybeNumber,
  macro_auc: MaybeNumber,
  kappa: MaybeNumber,
};
const Interval = Type.Array(MaybeNumber, { minItems: 2, maxItems: 2 });
const fitted = {
  temperature: Type.Number({ exclusiveMinimum: 0 }),
  /** Grades of a lower calibrated top probability abstain; null: all do. */
  abstain_below: MaybeNumber,
  /** That it was fitted on. */
  slides: Type.Integer(),
};
const Reliability = Type.Object({
  ece: Type.Number(),
  nll: Type.Number(),
  bins: Type.Array(
    Type.Object({
      low: Type.Number(),
      high: Type.Number(),
      slides: Type.Integer(),
      confidence: Type.Number(),
      accuracy: Type.Number(),
    }),
  ),
});
export type Reliability = Static<typeof Reliability>;

export const GradeCalibration = Type.Object({
  /** For slides of no fold. */
  all: Type.Object(fitted),
  /** For a fold's slides: fitted on the others'. */
  by_fold: Type.Array(Type.Object({ fold: Type.Integer(), ...fitted })),
  before: Reliability,
  after: Reliability,
  coverage: Type.Array(
    Type.Object({
      threshold: Type.Number(),
      slides: Type.Integer(),
      coverage: Type.Number(),
      accuracy: Type.Number(),
    }),
  ),
  abstain: Type.Object({
    target_accuracy: Type.Number(),
    least_slides: Type.Integer(),
    answered: Type.Integer(),
    right: Type.Integer(),
    slides: Type.Integer(),
  }),
});
export type GradeCalibration = Static<typeof GradeCalibration>;

export const GradedSlide = Type.Object({
  slide_id: Type.String(),
  fold: Type.Integer(),
  /** Index into `classes`. */
  label: Type.Integer({ minimum: 0 }),
  probabilities: Type.Array(Type.Number()),
  calibrated: Type.Array(Type.Number()),
  abstains: Type.Boolean(),
});
export type GradedSlide = Static<typeof GradedSlide>;

export const GradeEvaluation = Type.Object({
  n_slides: Type.Integer(),
  n_patients: Type.Integer(),
  n_folds: Type.Integer(),
  n_seeds: Type.Integer(),
  classes: Type.Array(Type.String()),
  ...metrics,
  auc_by_class: Type.Record(Type.String(), MaybeNumber),
  /** 95 % over resampled patients. */
  ci: Type.Object({
    accuracy: Interval,
    balanced_accuracy: Interval,
    macro_f1: Interval,
    macro_auc: Interval,
    kappa: Interval,
  }),
  /** Slides by label (row) and grade (column). */
  confusion: Type.Array(Type.Array(Type.Integer())),
  /** Each model on its own fold. */
  models: Type.Array(
    Type.Object({ fold: Type.Integer(), seed_ix: Type.Integer(), n_slides: Type.Integer(), ...metrics }),
  ),
  calibration: GradeCalibration,
  out_of_fold: Type.Array(GradedSlide),
});
export type GradeEvaluation = Static<typeof GradeEvaluation>;

const schema = Compile(GradeEvaluation);

/** Undefined for the result of a trainer that did not compute all of this. */
export function gradeEvaluation(result: { metrics?: unknown } | null): GradeEvaluation | undefined {
  const found = result?.metrics;
  return schema.Check(found) ? found : undefined;
}
