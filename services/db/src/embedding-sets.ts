import type { Database } from './client.ts';
import { fenced } from './fenced.ts';
import type { Lease } from './runs.ts';

export interface NewEmbeddingSet {
  cropSetId: number;
  slideId: string;
  checkpointId: number;
  dim: number;
  cropCount: number;
  objectKey: string;
  sha256: string;
}

/** Stores one slide's embeddings as soon as their file lies in the object store. */
export async function addEmbeddingSet(db: Database, lease: Lease, set: NewEmbeddingSet): Promise<void> {
  await fenced(db, lease, async (trx) => {
    await trx
      .insertInto('embeddingSet')
      .values({ runId: lease.runId, ...set })
      .onConflict((conflict) => conflict.columns(['runId', 'cropSetId']).doNothing())
      .execute();
  });
}

/** The embeddings that a run made of one crop set. */
export async function embeddingSetOf(db: Database, runId: number, cropSetId: number): Promise<number> {
  const row = await db
    .selectFrom('embeddingSet')
    .select('id')
    .where('runId', '=', runId)
    .where('cropSetId', '=', cropSetId)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Crop sets that an embed run has done already. */
export async function embeddedCropSets(db: Database, runId: number): Promise<Map<number, { sha256: string }>> {
  const rows = await db.selectFrom('embeddingSet').select(['cropSetId', 'sha256']).where('runId', '=', runId).execute();
  return new Map(rows.map((row) => [row.cropSetId, { sha256: row.sha256 }]));
}

/** A slide's embeddings with what the cohort says of the slide. */
export interface CohortEmbeddingSet {
  id: number;
  slideId: string;
  slideName: string;
  patientId: string;
  label: number | null;
  site: string | null;
  fold: number;
  cropSetId: number;
  cropCount: number;
  dim: number;
  objectKey: string;
  sha256: string;
  sizePx: number;
  size0X: number;
  size0Y: number;
  width0: number;
  height0: number;
}

/** The embeddings that a run made of a cohort's slides, in the order of the crop sets. */
export async function cohortEmbeddingSets(
  db: Database,
  embedRunId: number,
  cohortId: number,
): Promise<CohortEmbeddingSet[]> {
  const rows = await db
    .selectFrom('embeddingSet')
    .innerJoin('cohortSlide', 'cohortSlide.slideId', 'embeddingSet.slideId')
    .innerJoin('cohortPatient', (join) =>
      join
        .onRef('cohortPatient.cohortId', '=', 'cohortSlide.cohortId')
        .onRef('cohortPatient.patientId', '=', 'cohortSlide.patientId'),
    )
    .innerJoin('slide', 'slide.id', 'embeddingSet.slideId')
    .innerJoin('cropSet', 'cropSet.id', 'embeddingSet.cropSetId')
    .select([
      'embeddingSet.id',
      'slide.id as slideId',
      'slide.name as slideName',
      'cohortSlide.patientId',
      'cohortSlide.label',
      'cohortSlide.site',
      'cohortPatient.fold',
      'embeddingSet.cropSetId',
      'embeddingSet.cropCount',
      'embeddingSet.dim',
      'embeddingSet.objectKey',
      'embeddingSet.sha256',
      'cropSet.sizePx',
      'cropSet.size0X',
      'cropSet.size0Y',
      'slide.width0',
      'slide.height0',
    ])
    .where('embeddingSet.runId', '=', embedRunId)
    .where('cohortSlide.cohortId', '=', cohortId)
    .orderBy('embeddingSet.cropSetId')
    .execute();
  return rows.map((row) => ({ ...row, size0X: row.size0X ?? 0, size0Y: row.size0Y ?? 0 }));
}

/** SHA-256 of the encoder that a run's embeddings come from. */
export async function encoderOf(db: Database, embedRunId: number): Promise<string> {
  const row = await db
    .selectFrom('embeddingSet')
    .innerJoin('checkpoint', 'checkpoint.id', 'embeddingSet.checkpointId')
    .select('checkpoint.sha256')
    .where('embeddingSet.runId', '=', embedRunId)
    .executeTakeFirstOrThrow();
  return row.sha256;
}

/** A slide's pyramid, for readers that ask for a level. */
export async function slideLevels(db: Database, slideId: string) {
  return await db
    .selectFrom('slideLevel')
    .select(['level', 'width', 'height', 'downsampleX', 'downsampleY'])
    .where('slideId', '=', slideId)
    .orderBy('level')
    .execute();
}
