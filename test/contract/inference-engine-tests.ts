import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkpointOf } from '@stroma/db/checkpoints';
import { Engine } from '@stroma/inference/engine/engine';
import type { Operations } from '@stroma/inference/engine/protocol';
import { Models } from '@stroma/inference/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TrainedCohort } from './inference-context.ts';

export function engineTests(trained: () => TrainedCohort): void {
  const lines: string[] = [];
  const engine = new Engine({ log: (message) => lines.push(message), maxWaiting: 2 });
  let long: Operations['sample']['request'];
  let golden: Operations['golden']['request'];
  afterAll(() => engine.close());
  beforeAll(async () => {
    const { database, cohort, runs } = trained();
    const models = new Models(engine, cohort.store);
    const eldm = await checkpointOf(database.db, runs.eldm, 'eldm');
    const unet = await models.open(eldm, 'unet');
    const shape = (eldm.card as { latent_shape: number[] }).latent_shape;
    golden = { model: unet };
    long = {
      unet,
      decoder: await models.open(eldm, 'decoder'),
      embedding: new Float32Array(128).fill(0.1),
      noise: new Float32Array(shape.reduce((a, b) => a * b, 1)),
      latentShape: shape,
      schedule: { trainTimesteps: 1000, betaStart: 0.0015, betaEnd: 0.0195 },
      sampler: 'ddim',
      steps: 1000,
      guidanceScale: 1,
    };
  }, 120_000);

  it('that dies fails a person’s request with a typed error, and is started again', async () => {
    const lost = engine.call('sample', long, { lane: 'interactive' });
    const before = engine.pid as number;
    await sleep(300);
    process.kill(before, 'SIGKILL');
    await expect(lost).rejects.toMatchObject({ problem: { code: 'inference.engine_died' }, status: 503 });
    expect(await engine.call('golden', golden, { lane: 'interactive' })).toBeLessThan(1e-3);
    expect(engine.pid).not.toBe(before);
  });

  it('that dies costs a batch nothing', async () => {
    const batch = engine.call('golden', golden, { lane: 'batch' });
    process.kill(engine.pid as number, 'SIGKILL');
    expect(await batch).toBeLessThan(1e-3);
  });

  it('stops drawing when nobody waits any more', async () => {
    const gone = new AbortController();
    const startedAt = Date.now();
    const drawing = engine.call('sample', long, { lane: 'interactive', signal: gone.signal });
    setTimeout(() => gone.abort(new Error('gone')), 200);
    await expect(drawing).rejects.toThrow('gone');
    await engine.call('golden', golden, { lane: 'interactive' });
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });

  it('refuses more than it can draw soon', async () => {
    const gone = new AbortController();
    const asked = Array.from({ length: 6 }, () =>
      engine.call('sample', long, { lane: 'interactive', signal: gone.signal }).catch((error) => error),
    );
    const refused = await (asked[5] as Promise<unknown>);
    expect(refused).toMatchObject({ problem: { code: 'inference.busy' }, status: 503 });
    gone.abort(new Error('gone'));
    await Promise.all(asked);
  });

  it('refuses a picture of another size', async () => {
    const request = { model: golden.model, cropPx: 256, encoding: 'rgb' as const, crops: [new Uint8Array(3)] };
    await expect(engine.call('embed', request, { lane: 'batch' })).rejects.toMatchObject({
      problem: { code: 'crop.size' },
    });
  });

  it('does not use a model that gives other outputs, or other bytes, than the trainer’s', async () => {
    const { database, cohort, runs } = trained();
    const row = await checkpointOf(database.db, runs.dino, 'encoder');
    const objectKey = 'runs/tampered/model';
    const folder = cohort.store.localPath(objectKey);
    await cp(cohort.store.localPath(row.objectKey), folder, { recursive: true });
    const goldenFile = path.join(folder, 'encoder.golden.safetensors');
    const bytes = await readFile(goldenFile);
    const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, headerEnd));
    bytes.writeFloatLE(1000, headerEnd + header['output.embedding'].data_offsets[0]);
    await writeFile(goldenFile, bytes);
    const refusal = { problem: { code: 'model.refused' } };
    await expect(new Models(engine, cohort.store).open({ ...row, objectKey }, 'encoder')).rejects.toMatchObject(
      refusal,
    );
    await writeFile(path.join(folder, 'encoder.onnx'), 'no model');
    await expect(new Models(engine, cohort.store).open({ ...row, objectKey }, 'encoder')).rejects.toMatchObject(
      refusal,
    );
  });
}
