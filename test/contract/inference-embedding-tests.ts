import { cosineSimilarity } from '@stroma/core/diffusion/slerp';
import { fromFloat16 } from '@stroma/inference/embedding/float16';
import { readEmbeddings } from '@stroma/inference/embedding/read-embeddings';
import { expect, it } from 'vitest';
import { mpp } from '../integration/inference-cohort.ts';
import { cropsASlide, places, python, resultOf, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

export function embeddingTests(trained: () => TrainedCohort): void {
  const slide = (i: number) => trained().cohort.slides[i] as TrainedCohort['cohort']['slides'][number];

  it('files open in pyarrow as the contract says', async () => {
    const { cohort, runs } = trained();
    const { id, cropSetId } = slide(1);
    const file = cohort.store.localPath(`embeddings/${runs.embed}/${id}.arrow`);
    const { schema } = await recompute<{ schema: unknown[] }>(python, { schema: [file] });
    expect(schema[0]).toMatchObject({
      rows: cropsASlide,
      types: {
        slide_id: 'string',
        crop_id: 'string',
        x0: 'int32',
        y0: 'int32',
        size0_x: 'double',
        size0_y: 'double',
        mpp: 'double',
        tissue_fraction: 'float',
        embedding: 'fixed_size_list<item: halffloat not null>[128]',
      },
      first: {
        slide_id: id,
        crop_id: `${cropSetId}:0`,
        x0: 0,
        y0: 512,
        size0_x: 512,
        size0_y: 512,
        mpp,
        tissue_fraction: 0.75,
      },
      metadata: {
        encoder_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        slide_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        crop_set_recipe: expect.stringContaining('"sizePx":256'),
        crop_selection: '{"minTissueFraction":0.5}',
        code_revision: 'test',
      },
    });
  });

  it('are those of torch on the same JPEGs', async () => {
    const { cohort, runs } = trained();
    const { id, cropSetId } = slide(2);
    const spec = { encoder: cohort.store.localPath(`runs/${runs.dino}`), crops: await places(trained(), cropSetId) };
    const { embedding } = await recompute<{ embedding: number[][][] }>(python, { embedding: [spec] });
    const file = await readEmbeddings(cohort.store.localPath(`embeddings/${runs.embed}/${id}.arrow`));
    const here = fromFloat16(file.embeddings);
    expect(embedding[0]).toHaveLength(cropsASlide);
    for (const [i, there] of (embedding[0] ?? []).entries()) {
      const row = here.subarray(i * file.dim, (i + 1) * file.dim);
      // Decoders may differ by some grey levels (fast DCT), and float16 rounds.
      expect(cosineSimilarity(row, Float32Array.from(there))).toBeGreaterThan(0.9995);
    }
  });

  it('leave an empty slide out and say so, and tell the parity of the encoder', async () => {
    const result = await resultOf(trained(), trained().runs.embed);
    expect(result).toMatchObject({
      slides: 7,
      crops: 7 * cropsASlide,
      skipped: [{ slide_id: slide(7).id, reason: 'no tissue' }],
    });
    expect((result.parity as { encoder: number }).encoder).toBeLessThan(1e-3);
  });

  it('that a killed worker stored are not computed again', async () => {
    const { chain, cohort, database } = trained();
    const { id, cropSetId } = slide(3);
    const again = await chain.run({ stage: 'embed', jobId: cohort.jobId, encoder: 'dino' }, async (trx, runId) => {
      const known = await database.db
        .selectFrom('embeddingSet')
        .select(['cropSetId', 'slideId', 'checkpointId', 'dim', 'cropCount', 'sha256'])
        .where('cropSetId', '=', cropSetId)
        .executeTakeFirstOrThrow();
      await trx
        .insertInto('embeddingSet')
        .values({ ...known, runId, objectKey: `embeddings/${runId}/${id}.arrow` })
        .execute();
    });
    const result = await resultOf(trained(), again);
    // Later tests take the job's latest embed run, and this one's first file was never written.
    await database.db.deleteFrom('run').where('id', '=', again).execute();
    expect(result).toMatchObject({ slides: 7, slides_done_before: 1 });
    expect(await cohort.store.size(`embeddings/${again}/${id}.arrow`)).toBeUndefined();
    const [first, second] = await Promise.all(
      [trained().runs.embed, again].map((run) => cohort.store.get(`embeddings/${run}/${slide(1).id}.arrow`)),
    );
    expect(second?.equals(first as Buffer)).toBe(true);
  });
}
