import type { GradeCalibration } from '@stroma/core/contract/grade-evaluation';
import { sql } from './client.ts';

/** How the slide models' probabilities are to be read; null where they were trained before that was computed. */
export type FittedCalibration = Pick<GradeCalibration, 'all' | 'by_fold' | 'abstain'> | null;

/** Of a statement over `run`, which graded: of the training whose models it asked. */
export const fittedCalibration = sql<FittedCalibration>`(
  select (trained.result #> '{metrics,calibration}') - '{before,after,coverage}'::text[]
  from run_input join run as trained on trained.id = run_input.input_run_id
  where run_input.run_id = run.id and trained.stage = 'train_abmil' order by trained.id desc limit 1)`;
