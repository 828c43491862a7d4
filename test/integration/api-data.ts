import { createHash, randomUUID } from 'node:crypto';
import type { Connection, Database } from '@stroma/db/client';
import { enqueue } from '@stroma/db/runs';

export interface SlideGiven {
  name: string;
  /** As the header declares it; square pixels. */
  mpp?: number | null;
  /** As the tags say it. */
  derived?: number | null;
  createdAt?: string;
}

/** A slide's row with two levels, without a file. */
export async function insertSlide(
  db: Database,
  { name, mpp = 0.5, derived = null, createdAt }: SlideGiven,
): Promise<string> {
  const sha256 = createHash('sha256').update(randomUUID()).digest('hex');
  const { id } = await db
    .insertInto('slide')
    .values({
      sha256,
      name,
      bytes: 1000,
      objectKey: `slides/${sha256}`,
      thumbnailKey: `thumbnails/${sha256}.jpg`,
      reader: 'tiff',
      format: 'generic-tiff',
      width0: 1000,
      height0: 600,
      mppDeclaredX: mpp,
      mppDeclaredY: mpp,
      mppDerivedX: derived,
      mppDerivedY: derived,
      ...(createdAt ? { createdAt } : {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const level = { slideId: id, tileWidth: 256, tileHeight: 256, compression: 'jpeg' };
  await db
    .insertInto('slideLevel')
    .values([
      { ...level, level: 0, ifd: 0, width: 1000, height: 600, downsampleX: 1, downsampleY: 1 },
      { ...level, level: 1, ifd: 1, width: 500, height: 300, downsampleX: 2, downsampleY: 2 },
    ])
    .execute();
  return id;
}

export interface CohortGiven {
  /** Grade by slide; every slide is a patient of its own. */
  grades: (string | null)[];
  mpp?: number | null;
}

/** A cohort of fresh slides named s0.svs, s1.svs, … */
export async function insertCohort(db: Database, { grades, mpp = 0.5 }: CohortGiven) {
  const classes = [...new Set(grades.filter((grade) => grade !== null))].sort();
  const { id } = await db
    .insertInto('cohort')
    .values({ name: `cohort ${randomUUID()}`, classes, foldCount: 2, seed: 7 })
    .returning('id')
    .executeTakeFirstOrThrow();
  const slideIds: string[] = [];
  for (const [i, grade] of grades.entries()) {
    const slideId = await insertSlide(db, { name: `s${i}.svs`, mpp });
    slideIds.push(slideId);
    const patientId = `p${i}`;
    await db
      .insertInto('cohortPatient')
      .values({ cohortId: id, patientId, fold: i % 2 })
      .execute();
    const label = grade === null ? null : classes.indexOf(grade);
    await db.insertInto('cohortSlide').values({ cohortId: id, slideId, patientId, label }).execute();
  }
  return { cohortId: id, slideIds };
}

export interface PredictionGiven {
  cohortId: number;
  slideId: string;
  cropSetId: number;
  /** Attention logits by crop. */
  logits?: number[];
}

/** A job of the cohort with one prediction, which stands on embeddings of the crop set. */
export async function insertPrediction(
  { db, pool }: Connection,
  { cohortId, slideId, cropSetId, logits = [] }: PredictionGiven,
): Promise<{ jobId: number; predictionId: number }> {
  const insert = async (text: string, values: unknown[]) => (await pool.query(text, values)).rows[0].id as number;
  const jobId = await insert(
    `insert into job (cohort_id, preset, mpp, seed) values ($1, 'smoke', 0.5, 7) returning id`,
    [cohortId],
  );
  const runId = await enqueue(db, { stage: 'predict', jobId, encoder: 'dino' });
  const checkpointId = await insert(
    `insert into checkpoint (run_id, kind, object_key, sha256, card) values ($1, 'abmil', 'm', 'x', '{}') returning id`,
    [runId],
  );
  const embeddingSetId = await insert(
    `insert into embedding_set (run_id, crop_set_id, slide_id, checkpoint_id, dim, crop_count, object_key, sha256)
     values ($1, $2, $3, $4, 4, $5, $6, 'x') returning id`,
    [runId, cropSetId, slideId, checkpointId, logits.length, `e${runId}`],
  );
  const predictionId = await insert(
    `insert into prediction (run_id, slide_id, embedding_set_id, encoder, folds, held_out, probabilities, attention_logits)
     values ($1, $2, $3, 'dino', '{0}', true, '{0.25,0.75}', $4) returning id`,
    [runId, slideId, embeddingSetId, Buffer.from(Float32Array.from(logits).buffer)],
  );
  return { jobId, predictionId };
}
