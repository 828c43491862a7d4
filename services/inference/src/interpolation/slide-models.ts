import { StromaError } from '@stroma/core/errors';
import { checkpointsOf } from '@stroma/db/checkpoints';
import type { Database } from '@stroma/db/client';
import { inputRun } from '@stroma/db/run-inputs';
import type { WalkPrediction } from '@stroma/db/walk-predictions';
import type { CheckedModel, Models } from '../models.ts';

/** The ABMIL models that made a prediction, in the order of its folds. */
export async function slideModels(db: Database, models: Models, prediction: WalkPrediction): Promise<CheckedModel[]> {
  const run = { id: prediction.runId, jobId: prediction.jobId, stage: 'predict' };
  const checkpoints = await checkpointsOf(db, await inputRun(db, run, 'train_abmil', prediction.encoder), 'abmil');
  return await Promise.all(
    prediction.folds.map(async (fold) => {
      const checkpoint = checkpoints.find((row) => row.fold === fold);
      if (checkpoint) return await models.open(checkpoint, 'abmil');
      throw new StromaError({
        code: 'checkpoint.missing',
        message: 'A model that graded the slide is not there any more.',
        expected: `the ABMIL model of fold ${fold}`,
        where: `prediction ${prediction.id}`,
        remedy: 'Run the prediction again.',
      });
    }),
  );
}
