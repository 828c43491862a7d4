import { EncoderCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import { checkpointOf } from '@stroma/db/checkpoints';
import type { Connection } from '@stroma/db/client';
import { cohortCropSets, requireCrops, type UsedCropSet, usedCrops } from '@stroma/db/cohort-crops';
import { selectionHash } from '@stroma/db/crop-selection';
import { embeddedCropSets } from '@stroma/db/embedding-sets';
import { inputRun, jobOf, keepCodeRevision } from '@stroma/db/run-inputs';
import { succeed } from '@stroma/db/runs';
import type { Handler } from '@stroma/db/worker';
import type { ObjectStore } from '@stroma/storage/object-store';
import { cardOf } from './card.ts';
import type { SlideEmbedder } from './embedding/embed-slide.ts';
import { storeEmbeddings } from './embedding/store-embeddings.ts';
import type { Engine } from './engine/engine.ts';
import type { Models } from './models.ts';
import { encoderOfRun } from './run-encoder.ts';

export interface InferenceOptions {
  connection: Connection;
  store: ObjectStore;
  engine: Engine;
  models: Models;
  codeRevision: string;
  log(message: string): void;
}

/** Embeds every crop of a cohort, slide by slide; a slide that has its row already is not embedded again. */
export function embedHandler({ connection, store, engine, models, codeRevision, log }: InferenceOptions): Handler {
  const { db } = connection;
  return async ({ run, lease, signal, report }) => {
    const startedAt = Date.now();
    const job = await jobOf(db, run);
    const stage = encoderOfRun(run) === 'dino' ? 'train_dino' : 'train_gen_dino';
    const checkpoint = await checkpointOf(db, await inputRun(db, run, stage), 'encoder');
    const card = cardOf(EncoderCard, checkpoint);
    const encoder = await models.embedder(checkpoint, card);
    const revision = await keepCodeRevision(db, run, codeRevision);
    const used = usedCrops(job);
    const sets = await cohortCropSets(db, used);
    requireCrops(sets, used);
    const filled = sets.filter((set) => set.cropCount > 0);
    for (const set of filled) requireSize(set, card);
    const embedded = await embeddedCropSets(db, run.id);
    const total = filled.reduce((sum, set) => sum + set.cropCount, 0);
    let before = 0;
    let now = 0;
    const onCrops = (count: number) => {
      now += count;
      const ratePerS = (now * 1000) / (Date.now() - startedAt);
      report({ phase: 'embed', done: before + now, total, unit: 'crop', ratePerS });
    };
    const embedder: SlideEmbedder = { connection, store, engine, encoder, card, signal, onCrops };
    for (const set of filled) {
      if (embedded.has(set.cropSetId)) {
        before += set.cropCount;
        continue;
      }
      const slideAt = Date.now();
      await storeEmbeddings(embedder, set, lease, { checkpointId: checkpoint.id, codeRevision: revision });
      log(`run ${run.id} embed: slide ${set.slideId}, ${set.cropCount} crops (${(Date.now() - slideAt) / 1000} s)`);
    }
    const seconds = (Date.now() - startedAt) / 1000;
    await succeed(db, lease, {
      encoder_sha256: encoder.encoderSha256,
      eight_bits: encoder.eightBits,
      slides: filled.length,
      crops: total,
      seconds,
      crops_per_s: now / seconds,
      crop_selection_sha256: selectionHash(used.selection),
      slides_done_before: embedded.size,
      skipped: sets
        .filter((set) => set.cropCount === 0)
        .map((set) => ({
          slide_id: set.slideId,
          reason: set.cutCount > 0 ? 'no crop is selected' : 'no tissue',
        })),
      parity: { encoder: encoder.parity },
    });
  };
}

export function requireSize(set: UsedCropSet, card: EncoderCard): void {
  if (set.sizePx === card.crop_px && Math.abs(set.mpp - card.mpp) < 1e-9) return;
  throw new StromaError({
    code: 'encoder.other_crops',
    message: 'The encoder was trained on crops of another size or resolution.',
    expected: `${card.crop_px} px at ${card.mpp} µm/px`,
    found: `${set.sizePx} px at ${set.mpp} µm/px`,
    where: `slide ${set.slideName}`,
    remedy: 'Train an encoder on these crops.',
  });
}
