import { type Static, Type } from 'typebox';
import { GradeEvaluation } from '../contract/grade-evaluation.ts';
import { Nullable } from './common.ts';
import { runStatuses } from './job.ts';

const evaluation = GradeEvaluation.properties;

/** What one encoder's slide models said of slides that they had not been trained on. */
export const EncoderGrades = Type.Object({
  runId: Type.Integer(),
  slides: Type.Integer(),
  patients: Type.Integer(),
  folds: Type.Integer(),
  seeds: Type.Integer(),
  /** Null: not defined on these slides. Intervals: 95 % over resampled patients. */
  metrics: Type.Pick(GradeEvaluation, ['accuracy', 'balanced_accuracy', 'macro_f1', 'macro_auc', 'kappa']),
  intervals: evaluation.ci,
  aucByClass: evaluation.auc_by_class,
  confusion: evaluation.confusion,
  models: evaluation.models,
  calibration: evaluation.calibration,
});
export type EncoderGrades = Static<typeof EncoderGrades>;

/** ready; the stage's state where it is not done; outdated: done by a trainer that computed less than this. */
export const EncoderState = Type.Object({
  state: Type.Enum(['ready', 'outdated', 'absent', ...runStatuses] as const),
  grades: Nullable(EncoderGrades),
});
export type EncoderState = Static<typeof EncoderState>;

const Difference = Type.Object({
  /** Gen-DINO less DINO. */
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  p: Type.Number(),
});
export type DifferenceMessage = Static<typeof Difference>;

/** Both on the slides that both graded, of the same fold and label. */
export const PairedGrades = Type.Object({
  slides: Type.Integer(),
  patients: Type.Integer(),
  /** Graded by one of them alone, or with another fold or label. */
  leftOut: Type.Integer(),
  resamples: Type.Integer(),
  seed: Type.Integer(),
  /** Null: not defined on these slides. */
  differences: Type.Object({
    accuracy: Nullable(Difference),
    balanced_accuracy: Nullable(Difference),
    macro_f1: Nullable(Difference),
    macro_auc: Nullable(Difference),
    kappa: Nullable(Difference),
  }),
  mcnemar: Type.Object({
    bothRight: Type.Integer(),
    dinoAlone: Type.Integer(),
    genDinoAlone: Type.Integer(),
    bothWrong: Type.Integer(),
    p: Type.Number(),
  }),
});
export type PairedGrades = Static<typeof PairedGrades>;

const SlideGrade = Type.Object({
  probabilities: Type.Array(Type.Number()),
  /** Index of the most probable class, and its calibrated probability. */
  grade: Type.Integer(),
  confidence: Type.Number(),
  abstains: Type.Boolean(),
});
export type SlideGrade = Static<typeof SlideGrade>;

export const ComparedSlide = Type.Object({
  slideId: Type.String(),
  name: Type.String(),
  patientId: Type.String(),
  label: Type.Integer(),
  fold: Type.Integer(),
  dino: Nullable(SlideGrade),
  genDino: Nullable(SlideGrade),
});
export type ComparedSlide = Static<typeof ComparedSlide>;

/** GET /api/jobs/:id/comparison: DINO beside Gen-DINO, on the labelled slides of the job's cohort. */
export const JobComparison = Type.Object({
  jobId: Type.Integer(),
  cohortId: Type.Integer(),
  cohortName: Type.String(),
  classes: Type.Array(Type.String()),
  /** Slides of the cohort, and those of them that have a label. */
  cohortSlides: Type.Integer(),
  labelledSlides: Type.Integer(),
  dino: EncoderState,
  genDino: EncoderState,
  paired: Nullable(PairedGrades),
  slides: Type.Array(ComparedSlide),
});
export type JobComparison = Static<typeof JobComparison>;
