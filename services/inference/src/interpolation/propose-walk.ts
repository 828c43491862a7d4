import { StromaError } from '@stroma/core/errors';
import type { CropPlace, WalkProposal } from '@stroma/core/http/interpolation';
import { softmax } from '@stroma/core/mil/attention';
import { calibratedAs } from '@stroma/core/statistics/fitted-for';
import { attentionOf, predictionsOfGrade, type WalkPrediction, walkPrediction } from '@stroma/db/walk-predictions';
import { type EmbeddedRow, readRows } from '../embedding/read-rows.ts';
import { probabilitiesWith } from '../prediction/replace-one.ts';
import type { Interpolator, InterpolatorOptions } from './interpolator.ts';
import { slideModels } from './slide-models.ts';

/** Of a grade: this many slides that are labelled so, and of each the most attended crops. */
const considered = { slides: 12, crops: 8 };

/**
 * Two crops to walk between, so that the slide's grade may become another: its most attended crop, and of the most
 * attended crops of slides of that grade the one that makes it most probable in the first one's place.
 */
export async function proposeWalk(
  interpolator: Interpolator,
  options: InterpolatorOptions,
  asked: { predictionId: number; grade: number },
  signal: AbortSignal | undefined,
): Promise<WalkProposal> {
  const { db, engine, models } = options;
  const prediction = await walkPrediction(db, asked.predictionId);
  if (!prediction) throw unknown(asked.predictionId);
  const grade = requireOther(prediction, asked.grade);
  await interpolator.open(prediction.jobId);

  const { rows: mostAttended, attention } = await mostAttendedRows(options, prediction, 1);
  const primary = mostAttended[0];
  const rest = primary && (await interpolator.grades.rest(prediction, primary.cropId, signal));
  if (!primary || !rest) throw noCrops(prediction);
  const others = (await predictionsOfGrade(db, prediction, asked.grade, considered.slides + 1))
    .filter((other) => other.slideId !== prediction.slideId)
    .slice(0, considered.slides);
  const candidates: CropPlace[] = [];
  const embeddings = new Uint16Array(others.length * considered.crops * prediction.dim);
  for (const other of others) {
    for (const row of (await mostAttendedRows(options, other, considered.crops)).rows) {
      embeddings.set(row.embedding, candidates.length * prediction.dim);
      candidates.push(placeOf(other, row));
    }
  }
  const request = {
    models: await slideModels(db, models, prediction),
    embeddings: embeddings.subarray(0, candidates.length * prediction.dim),
    dim: prediction.dim,
  };
  const parts = await engine.call('instances', request, { lane: 'interactive', signal });
  const read = (probabilities: number[]) => calibratedAs(prediction, probabilities) ?? probabilities;
  const probabilities = parts.map((instance) => read(probabilitiesWith(rest, instance)));
  const reached = probabilities.map((each) => each[asked.grade] ?? 0);
  const best = reached.indexOf(Math.max(...reached));
  const secondary = candidates[best];
  if (!secondary) throw noSlides(grade);
  const after = probabilities[best] ?? [];
  return {
    jobId: prediction.jobId,
    encoder: prediction.encoder,
    grade,
    primary: placeOf(prediction, primary),
    attention,
    secondary,
    considered: { slides: others.length, crops: candidates.length },
    probability: read(prediction.probabilities)[asked.grade] ?? 0,
    reached: reached[best] ?? 0,
    calibrated: prediction.calibration !== null,
    flips: after.indexOf(Math.max(...after)) === asked.grade,
  };
}

/** attention: of the first of them. */
async function mostAttendedRows({ db, store }: InterpolatorOptions, prediction: WalkPrediction, count: number) {
  const bytes = await attentionOf(db, prediction.id);
  const logits = new Float32Array(bytes.length / 4).map((_, i) => bytes.readFloatLE(4 * i));
  const order = Array.from(logits.keys())
    .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b)
    .slice(0, count);
  const rows = order.length === 0 ? [] : await readRows(store.localPath(prediction.objectKey), order);
  return { rows, attention: softmax(logits)[order[0] ?? 0] ?? 0 };
}

function placeOf({ slideId, slideName }: WalkPrediction, row: EmbeddedRow): CropPlace {
  const { cropId, x0, y0, size0X, size0Y } = row;
  return { cropId, slideId, slideName, x0, y0, size0X, size0Y };
}

/** The name of the grade that is walked towards. */
function requireOther({ classes, probabilities }: WalkPrediction, grade: number): string {
  const name = classes[grade];
  const now = probabilities.indexOf(Math.max(...probabilities));
  if (name !== undefined && grade !== now) return name;
  throw new StromaError({
    code: 'walk.grade',
    message: 'A walk leads towards another grade than the slide has.',
    expected: `a grade of ${classes.map((each, i) => `${i} (${each})`).join(', ')}, other than ${classes[now]}`,
    found: String(grade),
    remedy: 'Choose another of the cohort’s grades.',
  });
}

function noSlides(grade: string): StromaError {
  return new StromaError(
    {
      code: 'walk.no_slides',
      message: `No other graded slide of the cohort is labelled ${grade}, so there is no crop to walk to.`,
      expected: `a slide labelled ${grade} with crops and a prediction of the same job`,
      remedy: 'Choose another grade, or choose the two crops by hand under Crops.',
    },
    409,
  );
}

function noCrops({ id }: WalkPrediction): StromaError {
  return new StromaError(
    {
      code: 'walk.no_crops',
      message: 'The prediction has no crop that could be replaced.',
      expected: 'a bag with at least one crop',
      where: `prediction ${id}`,
      remedy: 'Run the prediction again.',
    },
    409,
  );
}

function unknown(id: number): StromaError {
  return new StromaError({ code: 'prediction.unknown', message: `There is no prediction ${id}.` }, 404);
}
