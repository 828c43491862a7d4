import { StromaError } from '@stroma/core/errors';
import { checkpointsOf } from '@stroma/db/checkpoints';
import type { Database } from '@stroma/db/client';
import { inputRun } from '@stroma/db/run-inputs';
import type { WalkPrediction } from '@stroma/db/walk-predictions';
import type { CheckedModel, Models } from '../models.ts';

/** The ABMIL models that made a prediction, of its folds and of every seed, in their order. */
export async function slideModels(db: Database, models: Models, prediction: WalkPrediction): Promise<CheckedModel[]> {
  const run = { id: prediction.runId, jobId: prediction.jobId, stage: 'predict' };
  const checkpoints = await checkpointsOf(db, await inputRun(db, run, 'train_abmil', prediction.encoder), 'abmil');
  const found = checkpoints.filter(({ fold }) => fold !== null && prediction.folds.includes(fold));
  const missing = prediction.folds.filter((fold) => !found.some((checkpoint) => checkpoint.fold === fold));
  if (missing.length === 0) return await Promise.all(found.map((checkpoint) => models.open(checkpoint, 'abmil')));
  throw new StromaError({
    code: 'checkpoint.missing',
    message: 'A model that graded the slide is not there any more.',
    expected: `the ABMIL models of folds ${missing.join(', ')}`,
    where: `prediction ${prediction.id}`,
    remedy: 'Run the prediction again.',
  });
}
