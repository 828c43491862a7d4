import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { activateModel, deactivateModel } from '@stroma/db/active-models';
import { enqueue } from '@stroma/db/runs';
import { work } from '@stroma/db/worker';
import { Cutters } from '@stroma/ingest/cutter/cutters';
import { readSlideHandler } from '@stroma/ingest/read-slide';
import { tileHandler } from '@stroma/ingest/tile';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { slideBytes } from '../integration/ingest-worker.ts';
import type { TrainedCohort } from './inference-context.ts';

/** From an uploaded file to its grade, by the workers of ingest and inference. */
export function gradingTests(trained: () => TrainedCohort): void {
  const stop = new AbortController();
  const cutters = new Cutters();
  let ended: Promise<void>;
  let uploads: string;

  beforeAll(async () => {
    const { database, cohort, folder } = trained();
    uploads = path.join(folder, 'uploads');
    await mkdir(uploads);
    const options = { connection: database.connection, store: cohort.store, log: () => undefined };
    const handlers = {
      read_slide: readSlideHandler({ ...options, uploads }),
      tile: tileHandler({ ...options, cutters }),
    };
    ended = work({ ...options, name: 'ingest', handlers }, stop.signal);
  });
  afterAll(async () => {
    stop.abort();
    await ended;
    cutters.close();
  });

  /** Uploads a slide and waits until nothing more is to be done; answers its gradings. */
  async function arrive(id: string, slide: Parameters<typeof slideBytes>[0]) {
    const { db } = trained().database;
    const fileName = `${id}.tiff`;
    const file = path.join(uploads, id);
    await writeFile(file, await slideBytes(slide));
    await db.insertInto('upload').values({ id, fileName, bytes: 1, status: 'reading' }).execute();
    await enqueue(db, { stage: 'read_slide', config: { uploadId: id, path: file, fileName } });
    const open = () => db.selectFrom('run').select('id').where('status', 'in', ['queued', 'running']).execute();
    while ((await open()).length > 0) await sleep(100);
    return await db
      .selectFrom('run')
      .innerJoin('slide', 'slide.id', 'run.slideId')
      .select(['run.id', 'run.status', 'run.error', 'run.result', 'run.codeRevision', 'slide.id as slideId'])
      .where('slide.name', '=', fileName)
      .where('run.stage', '=', 'grade_slide')
      .execute();
  }

  it('come of an active model alone: cut, embedded and graded by all folds, and nothing is trained', async () => {
    const { db } = trained().database;
    const { runs, chain } = trained();
    expect(await arrive('before', { shade: 1 })).toEqual([]);
    await db.transaction().execute((trx) => activateModel(trx, runs.abmil, null));
    const networks = await db.selectFrom('checkpoint').select('id').execute();
    const [grading] = await arrive('new', { shade: 2 });
    expect(grading).toMatchObject({ status: 'succeeded', codeRevision: 'test', result: { models: 3 } });
    const prediction = await db
      .selectFrom('prediction')
      .innerJoin('embeddingSet', 'embeddingSet.id', 'prediction.embeddingSetId')
      .selectAll('prediction')
      .select(['embeddingSet.objectKey', 'embeddingSet.cropCount', 'embeddingSet.slideId as embeddedSlide'])
      .where('prediction.runId', '=', grading?.id ?? 0)
      .executeTakeFirstOrThrow();
    expect(prediction).toMatchObject({ folds: [0, 1, 2], heldOut: true, embeddedSlide: grading?.slideId });
    expect(prediction.cropCount).toBeGreaterThan(3);
    expect(prediction.attentionLogits).toHaveLength(4 * prediction.cropCount);
    // Each fold's model asked by itself says what is kept of it.
    const models = await db
      .selectFrom('checkpoint')
      .selectAll()
      .where('runId', '=', runs.abmil)
      .orderBy('fold')
      .execute();
    const embeddings = trained().cohort.store.localPath(prediction.objectKey);
    const kept = prediction.modelProbabilities ?? [];
    expect(kept).toHaveLength(6);
    for (const [i, model] of models.entries()) {
      const asked = [await chain.models.open(model, 'abmil')];
      const [answer] = await chain.engine.call('attend', { models: asked, embeddings }, { lane: 'batch' });
      const [low, high] = answer?.logits ?? [];
      expect(kept[2 * i + 1]).toBeCloseTo(1 / (1 + Math.exp((low ?? 0) - (high ?? 0))), 5);
    }
    for (const c of [0, 1]) {
      const mean = (kept[c] ?? 0) / 3 + (kept[c + 2] ?? 0) / 3 + (kept[c + 4] ?? 0) / 3;
      expect(prediction.probabilities[c]).toBeCloseTo(mean, 5);
    }
    expect(await db.selectFrom('checkpoint').select('id').execute()).toEqual(networks);
  });

  it('say of a slide without tissue why it has no grade; turned off there are none', async () => {
    const { db } = trained().database;
    const [blank] = await arrive('blank', { tissue: false });
    expect(blank).toMatchObject({ status: 'failed', error: { code: 'grading.no_crops' } });
    await db.transaction().execute((trx) => deactivateModel(trx, trained().runs.abmil));
    expect(await arrive('later', { shade: 3 })).toEqual([]);
  });
}
