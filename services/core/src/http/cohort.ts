import { type Static, Type } from 'typebox';
import { CropMpp, CropSize, CropStride } from '../contract/crop-recipe.ts';
import { CropSelection } from '../contract/crop-selection.ts';
import { cropNumbers } from '../crop-numbers.ts';
import { Nullable, Time } from './common.ts';
import { CohortDuplicate } from './duplicate.ts';
import { SpacingMessage } from './scale.ts';

/**
 * POST /api/cohorts/label-report and POST /api/cohorts: labels as CSV text with the columns
 * slide_id (file name without ending, or the slide's uuid), patient_id, grade, and site where it is known.
 */
export const CohortDraft = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 120 }),
  labelsCsv: Type.String({ maxLength: 50_000_000 }),
  /** The class that a grade of the labels means, by its spelling there; null: none. Other grades are classes themselves. */
  classOf: Type.Optional(
    Type.Record(Type.String(), Nullable(Type.String({ minLength: 1, maxLength: 120 })), { maxProperties: 1000 }),
  ),
  foldCount: Type.Integer({ minimum: 2, maximum: 20, default: 5 }),
  seed: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 7 }),
});
export type CohortDraft = Static<typeof CohortDraft>;

const Line = { line: Type.Integer(), slideId: Type.String() };

/** The dry run: what the CSV would do. Nothing is saved. */
export const LabelReport = Type.Object({
  matched: Type.Array(
    Type.Object({
      ...Line,
      slide: Type.String(),
      patientId: Type.String(),
      grade: Nullable(Type.String()),
      site: Nullable(Type.String()),
    }),
  ),
  /** Rows for which no slide was found. */
  unmatched: Type.Array(Type.Object(Line)),
  /** Rows whose name fits more than one slide. */
  ambiguous: Type.Array(Type.Object({ ...Line, slides: Type.Array(Type.String()) })),
  /** Slides named by more than one row. */
  duplicate: Type.Array(Type.Object({ ...Line, firstLine: Type.Integer() })),
  /** Rows of different slides that may be one slide in two files. */
  twins: Type.Array(CohortDuplicate),
  /** Ready slides that no row names. */
  unlabelled: Type.Array(Type.Object({ slide: Type.String(), name: Type.String() })),
  /** Grades of matched rows as they are written, and the class that each means by now. */
  grades: Type.Array(
    Type.Object({
      written: Type.String(),
      slides: Type.Integer(),
      grade: Nullable(Type.String()),
      /** Other spellings that differ by letter case or blanks only. */
      alike: Type.Array(Type.String()),
    }),
  ),
  classes: Type.Array(Type.Object({ grade: Type.String(), slides: Type.Integer(), patients: Type.Integer() })),
  /** Slides and grades by site; empty when the labels name none. */
  sites: Type.Array(
    Type.Object({
      site: Nullable(Type.String()),
      slides: Type.Integer(),
      patients: Type.Integer(),
      grades: Type.Array(Type.Object({ grade: Type.String(), slides: Type.Integer() })),
    }),
  ),
  /** Patients that differ by letter case, blanks or leading zeros only: perhaps one patient, who may lie in two folds. */
  spellings: Type.Array(Type.Object({ patientIds: Type.Array(Type.String()), acrossFolds: Type.Boolean() })),
  /** Cohorts that share something with this one: neither is an external test of models of the other. */
  overlaps: Type.Array(
    Type.Object({
      cohortId: Type.Integer(),
      name: Type.String(),
      /** The same slides. */
      slides: Type.Integer(),
      /** Other slides that may be one of these in another file. */
      twins: Type.Integer(),
      /** Patients of the same name. */
      patients: Type.Integer(),
    }),
  ),
  /** Sentences that a person should read before saving. */
  warnings: Type.Array(Type.String()),
  /** True when POST /api/cohorts would accept the same draft. */
  acceptable: Type.Boolean(),
});
export type LabelReport = Static<typeof LabelReport>;

/** GET /api/cohorts/:id/leak-checks: of the dry run's checks those that may say something else by now. */
export const CohortLeaks = Type.Object({
  ...Type.Pick(LabelReport, ['twins', 'spellings', 'sites', 'overlaps']).properties,
  /** Sentences that a person should read before training on it. */
  warnings: Type.Array(Type.String()),
});
export type CohortLeaks = Static<typeof CohortLeaks>;

export const CohortMessage = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  classes: Type.Array(Type.String()),
  foldCount: Type.Integer(),
  seed: Type.Integer(),
  slideCount: Type.Integer(),
  patientCount: Type.Integer(),
  jobCount: Type.Integer(),
  /** Which of the cut crops are used by jobs that start from now on. */
  cropSelection: CropSelection,
  createdAt: Time,
});
export type CohortMessage = Static<typeof CohortMessage>;
export const CohortList = Type.Object({ cohorts: Type.Array(CohortMessage) });
export type CohortList = Static<typeof CohortList>;

export const CohortDetail = Type.Object({
  ...CohortMessage.properties,
  slides: Type.Array(
    Type.Object({
      slideId: Type.String(),
      name: Type.String(),
      patientId: Type.String(),
      fold: Type.Integer(),
      label: Nullable(Type.String()),
      site: Nullable(Type.String()),
      mpp: Nullable(SpacingMessage),
    }),
  ),
  /** Cut crops by grid, before the selection. */
  crops: Type.Array(
    Type.Object({
      mpp: Type.Number(),
      sizePx: Type.Integer(),
      stridePx: Type.Integer(),
      slides: Type.Integer(),
      crops: Type.Integer(),
    }),
  ),
});
export type CohortDetail = Static<typeof CohortDetail>;

/** PATCH /api/cohorts/:id: jobs that have begun keep the selection they began with. */
export const CohortChange = Type.Object({ cropSelection: CropSelection });
export type CohortChange = Static<typeof CohortChange>;

const Grid = { mpp: CropMpp, sizePx: Type.Optional(CropSize), stridePx: Type.Optional(CropStride) };

/** POST /api/cohorts/:id/crop-counts: what a selection would keep. Nothing is saved. */
export const CropCountRequest = Type.Object({ ...Grid, selection: CropSelection });
export type CropCountRequest = Static<typeof CropCountRequest>;
export const CropCounts = Type.Object({
  cut: Type.Integer(),
  kept: Type.Integer(),
  /** Slides that are cut on this grid. */
  slides: Type.Array(Type.Object({ slideId: Type.String(), cut: Type.Integer(), kept: Type.Integer() })),
});
export type CropCounts = Static<typeof CropCounts>;

/** GET /api/cohorts/:id/crop-histograms: how each number is spread over all cut crops of a grid. */
export const CropHistogramQuery = Type.Object(Grid);
export const CropHistograms = Type.Object({
  histograms: Type.Array(
    Type.Object({
      number: Type.Enum(cropNumbers),
      /** Upper end of the last bin, which also holds what lies beyond; the first begins at 0. */
      upTo: Type.Number(),
      counts: Type.Array(Type.Integer()),
      /** Crops whose number was never measured: a bound on it leaves them out. */
      unmeasured: Type.Integer(),
    }),
  ),
});
export type CropHistograms = Static<typeof CropHistograms>;
