import { AbmilCard, EncoderCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import { type CheckpointRow, checkpointOf, checkpointsOf } from '@stroma/db/checkpoints';
import { cohortOf, type UsedCropSet, usedCrops } from '@stroma/db/cohort-crops';
import { embeddingSetOf } from '@stroma/db/embedding-sets';
import { clearPredictions, putPrediction } from '@stroma/db/predictions';
import { inputRun, jobOf, keepCodeRevision } from '@stroma/db/run-inputs';
import { succeed } from '@stroma/db/runs';
import { usedCropSet } from '@stroma/db/slide-crops';
import type { Handler } from '@stroma/db/worker';
import { cardOf } from './card.ts';
import { type InferenceOptions, requireSize } from './embed.ts';
import { storeEmbeddings } from './embedding/store-embeddings.ts';
import type { CheckedModel } from './models.ts';
import { scoresOf } from './prediction/score-bag.ts';
import { encoderOfRun } from './run-encoder.ts';

/**
 * Grades one slide that is in no fold of the model's cohort: its crops through the model's own encoder, the bag through all
 * of its slide models. Nothing is trained on it.
 */
export function gradeSlideHandler({ connection, store, engine, models, codeRevision, log }: InferenceOptions): Handler {
  const { db } = connection;
  return async ({ run, lease, signal, report, step }) => {
    const startedAt = Date.now();
    const job = await jobOf(db, run);
    const name = encoderOfRun(run);
    const { classes } = await cohortOf(db, job.cohortId);
    const stage = name === 'dino' ? 'train_dino' : 'train_gen_dino';
    const checkpoint = await checkpointOf(db, await inputRun(db, run, stage), 'encoder');
    const card = cardOf(EncoderCard, checkpoint);
    const slideModels = await checkpointsOf(db, await inputRun(db, run, 'train_abmil', name), 'abmil');
    const { cropSetId } = run.config as { cropSetId: number };
    const set = await usedCropSet(db, cropSetId, usedCrops(job).selection);
    requireBag(set, cropSetId, card);
    const encoder = await models.embedder(checkpoint, card);
    const asked = await openAll(slideModels);
    const onCrops = progressOf(set.cropCount, report);
    const embedder = { connection, store, engine, encoder, card, signal, onCrops };
    const codeFirst = await keepCodeRevision(db, run, codeRevision);
    const origin = { checkpointId: checkpoint.id, codeRevision: codeFirst };
    const embeddings = await step('embed', () => storeEmbeddings(embedder, set, lease, origin));
    const request = { models: asked, embeddings: store.localPath(embeddings) };
    const answers = await step('grade', () => engine.call('attend', request, { lane: 'batch', signal }));
    const seconds = (Date.now() - startedAt) / 1000;
    await clearPredictions(db, lease);
    await putPrediction(db, lease, {
      slideId: set.slideId,
      embeddingSetId: await embeddingSetOf(db, run.id, cropSetId),
      encoder: name,
      folds: [...new Set(slideModels.map((model) => model.fold ?? 0))],
      heldOut: true,
      ...scoresOf(answers, classes.length),
    });
    const parity = { encoder: encoder.parity, abmil: Math.max(...asked.map((model) => model.parity)) };
    await succeed(db, lease, { crops: set.cropCount, models: asked.length, seconds, parity });
    log(`run ${run.id} graded slide ${set.slideId}, ${set.cropCount} crops (${seconds} s)`);

    async function openAll(checkpoints: readonly CheckpointRow[]): Promise<CheckedModel[]> {
      const opened: CheckedModel[] = [];
      for (const one of checkpoints) {
        const { embedding_dim: found } = cardOf(AbmilCard, one);
        if (found !== card.embedding_dim) throw otherEmbeddings(found, card.embedding_dim);
        opened.push(await models.open(one, 'abmil'));
      }
      return opened;
    }
  };
}

function progressOf(total: number, report: Parameters<Handler>[0]['report']): (count: number) => void {
  const startedAt = Date.now();
  let done = 0;
  return (count) => {
    done += count;
    const ratePerS = (done * 1000) / (Date.now() - startedAt);
    report({ phase: 'embed', done, total, unit: 'crop', ratePerS });
  };
}

function requireBag(set: UsedCropSet | undefined, id: number, card: EncoderCard): asserts set is UsedCropSet {
  if (!set) {
    throw new StromaError({
      code: 'crop_set.unknown',
      message: 'The slide’s crops were dropped before it was graded.',
      where: `crop set ${id}`,
      remedy: 'Cut the crops again, then retry.',
    });
  }
  const where = `slide ${set.slideName}`;
  if (set.stale) {
    throw new StromaError({
      code: 'grading.stale_crops',
      message: 'The slide’s scale was changed after its crops were cut.',
      expected: 'crops cut at the slide’s present scale',
      where,
      remedy: 'Choose the scale again: the slide is then graded on new crops.',
    });
  }
  requireSize(set, card);
  if (set.cropCount > 0) return;
  throw new StromaError({
    code: 'grading.no_crops',
    message:
      set.cutCount > 0
        ? 'The model’s selection leaves none of the slide’s crops.'
        : 'There is nothing to grade: no tissue was found on the slide.',
    expected: `at least one crop of ${set.sizePx} px at ${set.mpp} µm/px`,
    found: `${set.cutCount} crops cut, none of them used`,
    where,
    remedy: 'Look at the tissue mask on the slide’s page; a slide without tissue has no grade.',
  });
}

function otherEmbeddings(expected: number, found: number): StromaError {
  return new StromaError({
    code: 'abmil.other_embeddings',
    message: 'The slide model was trained on embeddings of another encoder.',
    expected: `${expected} dimensions`,
    found: `${found} dimensions`,
    remedy: 'Make another model active, or train this one again.',
  });
}
