import { mkdir } from 'node:fs/promises';
import type { Connection } from '@stroma/db/client';
import type { ObjectStore } from '@stroma/storage/object-store';
import { writeEmbeddedSlide } from '../fixtures/embedded-slide.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { insertCohort } from './api-data.ts';

export const dim = 24;
export const cropsASlide = 250;

export interface EmbeddedSlide {
  id: string;
  cropSetId: number;
  embeddings: number[][];
}

/** Four slides, of which the second is of the first one's patient, with embeddings in eight clusters. */
export async function embeddedCohort({ pool, db }: Connection, store: ObjectStore) {
  const insert = async (text: string, values: unknown[]) => (await pool.query(text, values)).rows[0].id as number;
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['benign', 'benign', 'malign', null] });
  await pool.query(`update cohort_slide set patient_id = 'p0' where cohort_id = $1 and slide_id = $2`, [
    cohortId,
    slideIds[1],
  ]);
  const job = await insert(`insert into job (cohort_id, preset, mpp, seed) values ($1, 'smoke', 0.5, 7) returning id`, [
    cohortId,
  ]);
  const run = await insert(
    `insert into run (job_id, stage, encoder, status) values ($1, 'embed', 'dino', 'succeeded') returning id`,
    [job],
  );
  const checkpoint = await insert(
    `insert into checkpoint (run_id, kind, object_key, sha256, card) values ($1, 'encoder', 'm', 'x', '{}') returning id`,
    [run],
  );
  const random = seededRandom(5);
  const centres = Array.from({ length: 8 }, () => Array.from({ length: dim }, () => random() - 0.5));
  await mkdir(store.localPath(`embeddings/${run}`), { recursive: true });
  const made: EmbeddedSlide[] = [];
  for (const id of slideIds) {
    const cropSetId = await insert(
      `insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px, size0_x, size0_y, crop_count, status)
       values ($1, 'r', '{}', 0.5, 256, 256, 512, 512, $2, 'ready') returning id`,
      [id, cropsASlide],
    );
    const embeddings = Array.from({ length: cropsASlide }, (_, ix) =>
      (centres[ix % 8] ?? []).map((value) => 3 * value + random() - 0.5),
    );
    const key = `embeddings/${run}/${id}.arrow`;
    const crops = embeddings.map((embedding, ix) => ({
      cropId: `${cropSetId}:${ix}`,
      x0: 512 * (ix % 25),
      y0: 512 * Math.floor(ix / 25),
      embedding,
    }));
    await writeEmbeddedSlide(store.localPath(key), crops);
    await pool.query(`create table crop_${cropSetId} partition of crop for values in (${cropSetId})`);
    await pool.query(
      `insert into crop (crop_set_id, ix, x0, y0, tissue_fraction, shard_ix, byte_offset, byte_length)
       select $1, ix, 512 * (ix % 25), 512 * (ix / 25), 1, 0, 0, 1 from generate_series(0, $2::int - 1) as ix`,
      [cropSetId, cropsASlide],
    );
    await insert(
      `insert into embedding_set (run_id, crop_set_id, slide_id, checkpoint_id, dim, crop_count, object_key, sha256)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
      [run, cropSetId, id, checkpoint, dim, cropsASlide, key, id],
    );
    made.push({ id, cropSetId, embeddings });
  }
  return { jobId: job, runId: run, slides: made };
}
