import type { Database } from '@stroma/db/client';
import { requestGradings } from '@stroma/db/gradings';
import { enqueue } from '@stroma/db/runs';
import { insertCohort, insertSlide } from './api-data.ts';

export interface Training {
  cohortId: number;
  slideIds: string[];
  jobId: number;
  dino: number;
  embed: number;
  abmil: number;
}

/** A job's finished graph from DINO to three ABMIL folds, as rows: what the registry reads. */
export async function insertTraining(
  db: Database,
  { grades = ['a', 'b', null], result = {} }: { grades?: (string | null)[]; result?: Record<string, unknown> } = {},
): Promise<Training> {
  const { cohortId, slideIds } = await insertCohort(db, { grades });
  const { id: jobId } = await db
    .insertInto('job')
    .values({ cohortId, preset: 'smoke', mpp: 0.5, seed: 7 })
    .returning('id')
    .executeTakeFirstOrThrow();
  const run = async (stage: Parameters<typeof enqueue>[1]['stage'], inputs: { runId: number; role: string }[]) => {
    const encoder = stage === 'train_dino' ? {} : { encoder: 'dino' as const };
    const id = await enqueue(db, { stage, jobId, seed: 7, inputs, ...encoder });
    await db
      .updateTable('run')
      .set({ status: 'succeeded', codeRevision: 'abc123', result: JSON.stringify(result), endedAt: new Date() })
      .where('id', '=', id)
      .execute();
    return id;
  };
  const network = async (runId: number, kind: string, fold: number | null) => {
    const { id } = await db
      .insertInto('checkpoint')
      .values({ runId, kind, fold, objectKey: `runs/${runId}/model`, sha256: `${kind}-${runId}-${fold}`, card: '{}' })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  };
  const dino = await run('train_dino', []);
  const checkpointId = await network(dino, 'encoder', null);
  const embed = await run('embed', [{ runId: dino, role: 'encoder' }]);
  for (const slideId of slideIds) {
    const cropSetId = await insertCropSet(db, slideId, 4);
    await db
      .insertInto('embeddingSet')
      .values({
        runId: embed,
        cropSetId,
        slideId,
        checkpointId,
        dim: 4,
        cropCount: 4,
        objectKey: `embeddings/${embed}/${slideId}.arrow`,
        sha256: 'x',
      })
      .execute();
  }
  const abmil = await run('train_abmil', [{ runId: embed, role: 'embeddings' }]);
  for (const fold of [0, 1, 2]) await network(abmil, 'abmil', fold);
  return { cohortId, slideIds, jobId, dino, embed, abmil };
}

async function insertCropSet(db: Database, slideId: string, cropCount: number): Promise<number> {
  const grid = {
    mpp: 0.5,
    sizePx: 256,
    stridePx: 256,
    size0X: 256,
    size0Y: 256,
    effectiveMppX: 0.5,
    effectiveMppY: 0.5,
  };
  const { id } = await db
    .insertInto('cropSet')
    .values({ slideId, recipeHash: 'of another code', recipe: '{}', ...grid, cropCount, status: 'ready' })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** As a slide arrives: its row, then whatever comes of it in the same transaction. */
export async function arrive(db: Database, slide: Parameters<typeof insertSlide>[1]): Promise<string> {
  return await db.transaction().execute(async (trx) => {
    const id = await insertSlide(trx, slide);
    await requestGradings(trx, [id]);
    return id;
  });
}
