import { sql } from 'kysely';
import { cropsAreStale } from './crop-sets.ts';
import { type FittedCalibration, fittedCalibration } from './fitted-calibration.ts';
import type { Encoder } from './run-inputs.ts';

// Fragments of a statement over `slide`: what the newest cohort says of it, and what it was graded last.

/** Joined as `member`: cohort, label and site; all null where no cohort holds the slide. */
export const newestMember = sql`left join lateral (
  select cohort.id as cohort_id, cohort.name as cohort_name, cohort.classes[label + 1] as label, site
  from cohort_slide join cohort on cohort.id = cohort_slide.cohort_id
  where cohort_slide.slide_id = slide.id order by cohort_slide.cohort_id desc limit 1) as member on true`;

const newestPrediction = sql`(select * from prediction where slide_id = slide.id order by id desc limit 1) as prediction
  join run on run.id = prediction.run_id join job on job.id = run.job_id join cohort on cohort.id = job.cohort_id`;

/** Joined as `graded`: the newest grade's class. A temperature changes probabilities, never which is the highest. */
export const newestGradeName = sql`left join lateral (
  select (select cohort.classes[place] from unnest(prediction.probabilities) with ordinality as p (value, place)
    order by value desc, place limit 1) as grade
  from (select run_id, probabilities from prediction where slide_id = slide.id order by id desc limit 1) as prediction
    join run on run.id = prediction.run_id join job on job.id = run.job_id
    join cohort on cohort.id = job.cohort_id) as graded on true`;

export const isGraded = sql<boolean>`exists (select from prediction where prediction.slide_id = slide.id)`;

export interface SlideMembershipRow {
  cohortId: number;
  cohortName: string;
  label: string | null;
  site: string | null;
}

export const slideMembership = sql<SlideMembershipRow | null>`(
  select json_build_object('cohortId', cohort.id, 'cohortName', cohort.name,
    'label', cohort.classes[cohort_slide.label + 1], 'site', cohort_slide.site)
  from cohort_slide join cohort on cohort.id = cohort_slide.cohort_id
  where cohort_slide.slide_id = slide.id order by cohort_slide.cohort_id desc limit 1)`;

/** Of a job, or of an active model on the slide's arrival (stage grade_slide). */
export interface NewestGradeRow {
  predictionId: number;
  stage: 'predict' | 'grade_slide';
  jobId: number;
  cohortName: string;
  encoder: Encoder;
  classes: string[];
  probabilities: number[];
  folds: number[];
  heldOut: boolean;
  calibration: FittedCalibration;
  stale: boolean;
  createdAt: string;
}

export const newestGrade = sql<NewestGradeRow | null>`(
  select json_build_object('predictionId', prediction.id, 'stage', run.stage, 'jobId', job.id,
    'cohortName', cohort.name, 'encoder', prediction.encoder, 'classes', cohort.classes,
    'probabilities', prediction.probabilities, 'folds', prediction.folds, 'heldOut', prediction.held_out,
    'calibration', ${fittedCalibration}, 'stale', crop_set.superseded or ${cropsAreStale},
    'createdAt', prediction.created_at)
  from ${newestPrediction} join embedding_set on embedding_set.id = prediction.embedding_set_id
    join crop_set on crop_set.id = embedding_set.crop_set_id)`;
