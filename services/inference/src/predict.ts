import { AbmilCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import { checkpointsOf } from '@stroma/db/checkpoints';
import { cohortOf } from '@stroma/db/cohort-crops';
import { type CohortEmbeddingSet, cohortEmbeddingSets } from '@stroma/db/embedding-sets';
import { clearPredictions, putPrediction } from '@stroma/db/predictions';
import { inputRun, jobOf } from '@stroma/db/run-inputs';
import { succeed } from '@stroma/db/runs';
import type { Handler } from '@stroma/db/worker';
import { cardOf } from './card.ts';
import type { InferenceOptions } from './embed.ts';
import type { CheckedModel } from './models.ts';
import { chooseFolds } from './prediction/choose-folds.ts';
import { scoresOf } from './prediction/score-bag.ts';
import { encoderOfRun } from './run-encoder.ts';

/** Grades every embedded slide of a cohort by the ABMIL models that were not trained on it. */
export function predictHandler({ connection, store, engine, models, log }: InferenceOptions): Handler {
  const { db } = connection;
  return async ({ run, lease, signal, report }) => {
    const startedAt = Date.now();
    const job = await jobOf(db, run);
    const encoder = encoderOfRun(run);
    const cohort = await cohortOf(db, job.cohortId);
    const checkpoints = await checkpointsOf(db, await inputRun(db, run, 'train_abmil', encoder), 'abmil');
    const sets = await cohortEmbeddingSets(db, await inputRun(db, run, 'embed', encoder), job.cohortId);
    const byFold = new Map<number, CheckedModel[]>();
    for (const checkpoint of checkpoints) {
      const card = cardOf(AbmilCard, checkpoint);
      requireSame(card, cohort.classes, sets);
      byFold.set(card.fold, [...(byFold.get(card.fold) ?? []), await models.open(checkpoint, 'abmil')]);
    }
    const predictions: { folds: number[]; heldOut: boolean }[] = [];
    await clearPredictions(db, lease);
    for (const set of sets) {
      signal.throwIfAborted();
      const { folds, heldOut } = chooseFolds(set, sets, [...byFold.keys()]);
      const asked = folds.flatMap((fold) => byFold.get(fold) ?? []);
      const request = { models: asked, embeddings: store.localPath(set.objectKey) };
      const answers = await engine.call('attend', request, { lane: 'batch', signal });
      await putPrediction(db, lease, {
        slideId: set.slideId,
        embeddingSetId: set.id,
        encoder,
        folds,
        heldOut,
        ...scoresOf(answers, cohort.classes.length),
      });
      predictions.push({ folds, heldOut });
      const done = predictions.length;
      const ratePerS = (done * 1000) / (Date.now() - startedAt);
      report({ phase: 'predict', done, total: sets.length, unit: 'slide', ratePerS });
    }
    const seconds = (Date.now() - startedAt) / 1000;
    log(`run ${run.id} predict: ${predictions.length} slides (${seconds} s)`);
    await connection.db.transaction().execute(async (trx) => {
      await succeed(trx, lease, {
        slides: predictions.length,
        held_out: predictions.filter((prediction) => prediction.heldOut).length,
        mean_of_folds: predictions.filter((prediction) => prediction.folds.length > 1).length,
        seconds,
        parity: { abmil: Math.max(...[...byFold.values()].flat().map((model) => model.parity)) },
      });
    });
  };
}

function requireSame(card: AbmilCard, classes: string[], sets: readonly CohortEmbeddingSet[]): void {
  const dims = new Set(sets.map((set) => set.dim));
  if (card.classes.join('\n') === classes.join('\n') && [...dims].every((dim) => dim === card.embedding_dim)) return;
  throw new StromaError({
    code: 'abmil.other_embeddings',
    message: 'The slide model was trained on other embeddings or other grades than these.',
    expected: `${card.embedding_dim} dimensions, grades ${card.classes.join(', ')}`,
    found: `${[...dims].join(', ')} dimensions, grades ${classes.join(', ')}`,
    remedy: 'Run train_abmil again on these embeddings.',
  });
}
