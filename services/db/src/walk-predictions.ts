import type { CheckpointRow } from './checkpoints.ts';
import type { Database } from './client.ts';
import { type FittedCalibration, fittedCalibration } from './fitted-calibration.ts';
import { predictionsInContext } from './prediction-joins.ts';
import type { Encoder } from './run-inputs.ts';
import { runsOf } from './runs-of.ts';

/** A prediction with what made it: its bag, and the encoder of its bag. */
export interface WalkPrediction {
  id: number;
  runId: number;
  jobId: number;
  cohortId: number;
  encoder: Encoder;
  slideId: string;
  slideName: string;
  /** Index of the slide's grade in the cohort, if it has a label there. */
  label: number | null;
  classes: string[];
  folds: number[];
  heldOut: boolean;
  probabilities: number[];
  cropSetId: number;
  cropCount: number;
  dim: number;
  objectKey: string;
  checkpointId: number;
}

/** With how its probabilities are to be read. */
export interface WalkedPrediction extends WalkPrediction {
  calibration: FittedCalibration;
}

export async function walkPrediction(db: Database, id: number): Promise<WalkedPrediction | undefined> {
  return await predictions(db)
    .select(fittedCalibration.as('calibration'))
    .where('prediction.id', '=', id)
    .executeTakeFirst();
}

/** A job's newest prediction of a slide by each encoder. */
export async function slideWalkPredictions(db: Database, jobId: number, slideId: string): Promise<WalkedPrediction[]> {
  const rows = await predictions(db)
    .select(fittedCalibration.as('calibration'))
    .where('run.id', 'in', runsOf(jobId))
    .where('prediction.slideId', '=', slideId)
    .orderBy('prediction.id', 'desc')
    .execute();
  return rows.filter((row, i) => rows.findIndex((other) => other.encoder === row.encoder) === i);
}

/** A job's newest predictions by an encoder of slides that are labelled with a grade, the surest of that grade first. */
export async function predictionsOfGrade(
  db: Database,
  { jobId, encoder }: Pick<WalkPrediction, 'jobId' | 'encoder'>,
  grade: number,
  limit: number,
): Promise<WalkPrediction[]> {
  const rows = await predictions(db)
    .where('run.id', 'in', runsOf(jobId))
    .where('prediction.encoder', '=', encoder)
    .where('cohortSlide.label', '=', grade)
    .orderBy('prediction.id', 'desc')
    .execute();
  const newest = rows.filter((row, i) => rows.findIndex((other) => other.slideId === row.slideId) === i);
  const sureness = ({ probabilities }: WalkPrediction) => probabilities[grade] ?? 0;
  return newest.sort((a, b) => sureness(b) - sureness(a) || a.id - b.id).slice(0, limit);
}

/** Attention logits of a prediction's crops, little-endian float32, in the order of the rows of its bag. */
export async function attentionOf(db: Database, predictionId: number): Promise<Buffer> {
  const row = await db
    .selectFrom('prediction')
    .select('attentionLogits')
    .where('id', '=', predictionId)
    .executeTakeFirstOrThrow();
  return row.attentionLogits;
}

export async function checkpointById(db: Database, id: number): Promise<CheckpointRow> {
  return await db.selectFrom('checkpoint').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

function predictions(db: Database) {
  return predictionsInContext(db)
    .innerJoin('slide', 'slide.id', 'prediction.slideId')
    .leftJoin('cohortSlide', (join) =>
      join.onRef('cohortSlide.cohortId', '=', 'cohort.id').onRef('cohortSlide.slideId', '=', 'prediction.slideId'),
    )
    .select([
      'prediction.id',
      'prediction.runId',
      'job.id as jobId',
      'cohort.id as cohortId',
      'prediction.encoder',
      'prediction.slideId',
      'slide.name as slideName',
      'cohortSlide.label',
      'cohort.classes',
      'prediction.folds',
      'prediction.heldOut',
      'prediction.probabilities',
      'embeddingSet.cropSetId',
      'embeddingSet.cropCount',
      'embeddingSet.dim',
      'embeddingSet.objectKey',
      'embeddingSet.checkpointId',
    ])
    .$castTo<WalkPrediction>();
}
