import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { samplers } from '@stroma/core/diffusion/sampling';
import { Interpolator } from '@stroma/inference/interpolation/interpolator';
import { interpolationServer, listenOnSocket } from '@stroma/inference/interpolation/server';
import { expect, it } from 'vitest';
import { places, python, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

export function interpolationTests(trained: () => TrainedCohort): void {
  const options = () => {
    const { database, cohort, chain } = trained();
    const { engine, models } = chain;
    return { db: database.db, store: cohort.store, engine, models, codeRevision: 'test' };
  };
  const interpolator = () => new Interpolator(options());
  const pair = () => {
    const [primary, secondary] = trained().cohort.slides;
    return { primaryCropId: `${primary?.cropSetId}:1`, secondaryCropId: `${secondary?.cropSetId}:2` };
  };

  it.each(samplers)('by %s are the trainer’s pictures, marked synthetic', async (sampler) => {
    const { cohort, runs, folder } = trained();
    const answer = await interpolator().draw(cohort.jobId, { ...pair(), alphaPrimary: 0.3, sampler });
    const png = path.join(folder, 'picture.png');
    await writeFile(png, Buffer.from(answer.png, 'base64'));
    const key = `7|${pair().primaryCropId}|walk|0|0`;
    const [primary, secondary] = await Promise.all(
      cohort.slides.slice(0, 2).map((slide) => places(trained(), slide.cropSetId)),
    );
    const spec = {
      encoder: cohort.store.localPath(`runs/${runs.dino}`),
      eldm: cohort.store.localPath(`runs/${runs.eldm}`),
      crops: [primary?.[1], secondary?.[2]],
      alpha: 0.3,
      key,
      sampler,
      steps: answer.steps,
      png,
    };
    type Answer = { interpolation: [{ mean: number; max: number; description: string }] };
    const { interpolation } = await recompute<Answer>(python, { interpolation: [spec] });
    // Grey levels of 255; the crops' embeddings differ by the JPEG decoder.
    expect(interpolation[0].mean).toBeLessThan(1.5);
    expect(JSON.parse(interpolation[0].description)).toMatchObject({
      synthetic: true,
      alpha_primary: 0.3,
      primary_crop: pair().primaryCropId,
      noise_key: key,
      sampler,
    });
  });

  it('are the same for the same request and others for another replica', async () => {
    const { jobId } = trained().cohort;
    const first = await interpolator().draw(jobId, { ...pair(), alphaPrimary: 0.5 });
    expect((await interpolator().draw(jobId, { ...pair(), alphaPrimary: 0.5 })).png).toBe(first.png);
    expect((await interpolator().draw(jobId, { ...pair(), alphaPrimary: 0.5, replica: 1 })).png).not.toBe(first.png);
  });

  it('are asked for over a unix socket that a dead service left behind', async () => {
    const socket = path.join(trained().folder, 'inference.sock');
    await leaveSocket(socket);
    const server = interpolationServer(options(), () => undefined);
    await listenOnSocket(server, socket);
    try {
      await expect(listenOnSocket(server, socket)).rejects.toMatchObject({
        problem: { code: 'inference.socket_taken' },
      });
      const { jobId } = trained().cohort;
      const good = await post(socket, { jobId, ...pair(), alphaPrimary: 1 });
      expect(good).toMatchObject({ status: 200, body: { synthetic: true, alphaPrimary: 1 } });
      const alpha = await post(socket, { jobId, ...pair(), alphaPrimary: 1.5 });
      expect(alpha).toMatchObject({ status: 400, body: { error: { code: 'request.invalid' } } });
      const crop = await post(socket, { jobId, ...pair(), primaryCropId: '1:99999', alphaPrimary: 1 });
      expect(crop).toMatchObject({ status: 404, body: { error: { code: 'crop.unknown' } } });
      const job = await post(socket, { jobId: 99_999, ...pair(), alphaPrimary: 1 });
      expect(job).toMatchObject({ status: 404, body: { error: { code: 'job.unknown' } } });
    } finally {
      await server.close();
      await rm(socket, { force: true });
    }
  });
}

/** A socket of a process that was killed: nobody answers, but the file stays. */
async function leaveSocket(socket: string): Promise<void> {
  const program = `require('net').createServer().listen(process.argv[1], () => console.log('ready'))`;
  const child = spawn(process.execPath, ['-e', program, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function post(socketPath: string, body: unknown): Promise<{ status: number | undefined; body: unknown }> {
  const outgoing = request({
    socketPath,
    path: '/interpolations',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  outgoing.end(JSON.stringify(body));
  return await new Promise((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', async (response) => resolve({ status: response.statusCode, body: await json(response) }));
  });
}
