import path from 'node:path';
import { createOneTimeLink } from '@stroma/api/one-time-link';
import type { SlideList } from '@stroma/core/http/slide';
import { connect } from '@stroma/db/client';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';
import { signIn } from '@stroma/infra/demo/portal-client';
import { uploadSlides } from '@stroma/infra/demo/upload-slides';
import { seededRandom } from './fixtures/seeded-random.ts';
import { databaseUrl, type StartedPlatform } from './platform.ts';

/** Side of a crop in level-0 px: 10^5 of them cover a slide of some 2,500 px, whose tiles are real. */
export const side0 = 7;
const columns = 350;
export const scoredClasses = ['benign', 'low', 'high'];

export interface ScoredSlide {
  slideId: string;
  jobId: number;
  predictionId: number;
  /** Signs a browser in, once: the platform's own link was used up. */
  link: string;
}

/** A slide that was uploaded, and a prediction as a job leaves it, of scores that are drawn by chance. */
export async function insertScoredSlide(
  platform: StartedPlatform,
  folder: string,
  crops: number,
): Promise<ScoredSlide> {
  const client = await signIn(platform.oneTimeLink, 'scored slide');
  const [slide] = await generateCohort(folder, { slides: 1, seed: 5 });
  await uploadSlides(client, [slide?.file ?? path.join(folder, 'no slide')]);
  const { slides } = await client.get<SlideList>('/api/slides');
  const slideId = slides[0]?.id ?? '';
  const connection = connect(await databaseUrl(platform));
  try {
    const insert = async (text: string, values: unknown[]) =>
      (await connection.pool.query(text, values)).rows[0].id as number;
    const cohortId = await insert(
      `insert into cohort (name, classes, fold_count, seed) values ('scored', $1, 2, 7) returning id`,
      [scoredClasses],
    );
    await connection.pool.query(`insert into cohort_patient (cohort_id, patient_id, fold) values ($1, 'p', 0)`, [
      cohortId,
    ]);
    await connection.pool.query(
      `insert into cohort_slide (cohort_id, slide_id, patient_id, label) values ($1, $2, 'p', 0)`,
      [cohortId, slideId],
    );
    const jobId = await insert(
      `insert into job (cohort_id, preset, mpp, seed) values ($1, 'smoke', 0.5, 7) returning id`,
      [cohortId],
    );
    const run = (stage: string) =>
      insert(`insert into run (job_id, stage, encoder, status) values ($1, $2, 'gen_dino', 'succeeded') returning id`, [
        jobId,
        stage,
      ]);
    const embedRun = await run('embed');
    const predictRun = await run('predict');
    const cropSetId = await insert(
      `insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px, size0_x, size0_y, crop_count, status)
       values ($1, 'scored', '{}', 0.5, 256, 256, $2, $2, $3, 'ready') returning id`,
      [slideId, side0, crops],
    );
    await connection.pool.query(`create table crop_${cropSetId} partition of crop for values in (${cropSetId})`);
    await connection.pool.query(
      `insert into crop (crop_set_id, ix, x0, y0, tissue_fraction, shard_ix, byte_offset, byte_length)
       select ${cropSetId}, i, (i % ${columns}) * ${side0}, (i / ${columns}) * ${side0}, 1, 0, 0, 0
       from generate_series(0, ${crops - 1}) i`,
    );
    const checkpointId = await insert(
      `insert into checkpoint (run_id, kind, object_key, sha256, card) values ($1, 'abmil', 'm', 'x', '{}') returning id`,
      [predictRun],
    );
    const embeddingSetId = await insert(
      `insert into embedding_set (run_id, crop_set_id, slide_id, checkpoint_id, dim, crop_count, object_key, sha256)
       values ($1, $2, $3, $4, 4, $5, 'e', 'x') returning id`,
      [embedRun, cropSetId, slideId, checkpointId, crops],
    );
    const random = seededRandom(3);
    const draw = (count: number, size: number) =>
      Buffer.from(Float32Array.from({ length: count }, () => size * (random() + random() + random() - 1.5)).buffer);
    const predictionId = await insert(
      `insert into prediction (run_id, slide_id, embedding_set_id, encoder, folds, held_out, probabilities,
         attention_logits, class_evidence)
       values ($1, $2, $3, 'gen_dino', '{0}', true, '{0.2,0.3,0.5}', $4, $5) returning id`,
      [predictRun, slideId, embeddingSetId, draw(crops, 4), draw(crops * scoredClasses.length, 1 / crops)],
    );
    return { slideId, jobId, predictionId, link: platform.url + (await createOneTimeLink(connection)) };
  } finally {
    await connection.close();
  }
}
