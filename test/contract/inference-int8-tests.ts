import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EncoderCard } from '@stroma/core/contract/model-card';
import { cosineSimilarity } from '@stroma/core/diffusion/slerp';
import { type CheckpointRow, checkpointOf } from '@stroma/db/checkpoints';
import { cardOf } from '@stroma/inference/card';
import { fromFloat16 } from '@stroma/inference/embedding/float16';
import { readEmbeddings } from '@stroma/inference/embedding/read-embeddings';
import { Models } from '@stroma/inference/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { places, python, resultOf, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

type Overrides = Record<string, Record<string, unknown>>;

export function int8Tests(trained: () => TrainedCohort): void {
  let runs: { dino: number; embed: number };
  let checkpoint: CheckpointRow;
  let before: Overrides;
  const jobs = () => trained().database.db.selectFrom('job').where('id', '=', trained().cohort.jobId);
  const setOverrides = async (overrides: Overrides) => {
    const { database, cohort } = trained();
    await database.db
      .updateTable('job')
      .set({ overrides: JSON.stringify(overrides) })
      .where('id', '=', cohort.jobId)
      .execute();
  };
  const folder = () => trained().cohort.store.localPath(`runs/${runs.dino}/model`);
  const embedder = () => {
    const { chain, cohort } = trained();
    return new Models(chain.engine, cohort.store).embedder(checkpoint, cardOf(EncoderCard, checkpoint));
  };

  beforeAll(async () => {
    const { chain, cohort, database } = trained();
    const { jobId } = cohort;
    const { overrides } = await jobs().select('overrides').executeTakeFirstOrThrow();
    before = overrides as Overrides;
    await setOverrides({ ...before, train_dino: { ...before.train_dino, encoder_int8: true } });
    const dino = await chain.run({ stage: 'train_dino', jobId });
    const inputs = [{ runId: dino, role: 'encoder' }];
    const embed = await chain.run({ stage: 'embed', jobId, encoder: 'dino', inputs });
    runs = { dino, embed };
    await setOverrides(before);
    checkpoint = await checkpointOf(database.db, dino, 'encoder');
  }, 300_000);
  // Later tests take the job's latest runs.
  afterAll(async () => {
    const { db } = trained().database;
    for (const id of [runs.embed, runs.dino]) await db.deleteFrom('run').where('id', '=', id).execute();
  });

  it('embed like torch, under the name of the encoder, and the files say so', async () => {
    const { cohort } = trained();
    const [slide] = cohort.slides;
    expect(await resultOf(trained(), runs.embed)).toMatchObject({
      eight_bits: true,
      encoder_sha256: checkpoint.sha256,
    });
    expect(await embedder()).toMatchObject({ eightBits: true, encoderSha256: checkpoint.sha256 });
    const file = cohort.store.localPath(`embeddings/${runs.embed}/${slide?.id}.arrow`);
    const { schema } = await recompute<{ schema: unknown[] }>(python, { schema: [file] });
    expect(schema[0]).toMatchObject({ metadata: { arithmetic: 'int8', encoder_sha256: checkpoint.sha256 } });
    const crops = await places(trained(), slide?.cropSetId ?? 0);
    const spec = { encoder: cohort.store.localPath(`runs/${runs.dino}`), crops };
    const { embedding } = await recompute<{ embedding: number[][][] }>(python, { embedding: [spec] });
    const { embeddings, dim } = await readEmbeddings(file);
    const here = fromFloat16(embeddings);
    const cosines = (embedding[0] ?? []).map((there, i) =>
      cosineSimilarity(here.subarray(i * dim, (i + 1) * dim), Float32Array.from(there)),
    );
    expect(cosines).toHaveLength(crops.length);
    expect(Math.min(...cosines)).toBeGreaterThan(0.995);
    // Of 32 bits they would be the same to the last digits that half precision has.
    expect(Math.min(...cosines)).toBeLessThan(0.9999995);
  });

  it('are left aside where they do not do what they did in training, and refused when the file is another', async () => {
    const golden = path.join(folder(), 'encoder_int8.golden.safetensors');
    const told = await readFile(golden);
    await writeFile(golden, negated(told, 'output.embedding'));
    expect(await embedder()).toMatchObject({ eightBits: false, encoderSha256: checkpoint.sha256 });
    await writeFile(golden, told);
    const file = path.join(folder(), 'encoder_int8.onnx');
    const model = await readFile(file);
    await writeFile(file, model.subarray(0, -1));
    await expect(embedder()).rejects.toMatchObject({ problem: { code: 'model.refused', where: file } });
    await writeFile(file, model);
    expect(await embedder()).toMatchObject({ eightBits: true });
  });
}

/** The safetensors file with a float32 tensor's signs turned round. */
function negated(file: Buffer, name: string): Buffer {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, { data_offsets: [number, number] }>;
  const [from, to] = header[name]?.data_offsets ?? [0, 0];
  const changed = Buffer.from(file);
  for (let at = start + from; at < start + to; at += 4) changed.writeFloatLE(-file.readFloatLE(at), at);
  return changed;
}
