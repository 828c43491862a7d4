import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { gradeEvaluation } from '@stroma/core/contract/grade-evaluation';
import { samplers } from '@stroma/core/diffusion/sampling';
import { slidePredictions } from '@stroma/db/prediction-list';
import { Interpolator } from '@stroma/inference/interpolation/interpolator';
import { proposeWalk } from '@stroma/inference/interpolation/propose-walk';
import { interpolationServer, listenOnSocket } from '@stroma/inference/interpolation/server';
import { walkFile } from '@stroma/inference/interpolation/walk-file';
import { CropSearch } from '@stroma/inference/search/crop-search';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { cropsASlide, places, python, resultOf, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

export function interpolationTests(trained: () => TrainedCohort): void {
  const options = () => {
    const { database, cohort, chain } = trained();
    const { engine, models } = chain;
    const { db } = database;
    const search = new CropSearch({ db, store: cohort.store });
    return { db, store: cohort.store, engine, models, search, codeRevision: 'test' };
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

  const fold0 = async () => {
    const { database, cohort, runs } = trained();
    const rows = await database.db.selectFrom('checkpoint').selectAll().where('runId', '=', runs.abmil).execute();
    return rows.filter((row) => row.fold === 0).map((row) => cohort.store.localPath(row.objectKey));
  };
  const bagOf = (slide: number) => {
    const { cohort, runs } = trained();
    return cohort.store.localPath(`embeddings/${runs.embed}/${cohort.slides[slide]?.id}.arrow`);
  };
  type Judged = {
    judged: [{ probabilities: number[]; nearest: { crop_id: string; similarity: number; among: number } }];
  };

  it('are graded as the whole bag with the picture in the crop’s place, and know the nearest real crop', async () => {
    const { cohort, runs, folder } = trained();
    const answer = await interpolator().draw(cohort.jobId, { ...pair(), alphaPrimary: 0.7 });
    const png = path.join(folder, 'judged.png');
    await writeFile(png, Buffer.from(answer.png, 'base64'));
    const spec = {
      encoder: cohort.store.localPath(`runs/${runs.dino}`),
      png,
      bag: bagOf(0),
      crop_id: pair().primaryCropId,
      models: await fold0(),
      cohort: [0, 1, 2, 3, 4, 5, 6].map(bagOf),
    };
    const { judged } = await recompute<Judged>(python, { judged: [spec] });
    expect(answer.grades.map((grade) => grade.encoder)).toEqual(['dino']);
    expect(largestDifference(answer.grades[0]?.probabilities ?? [], judged[0].probabilities)).toBeLessThan(1e-4);
    expect(answer.nearest).toMatchObject({ cropId: judged[0].nearest.crop_id, among: judged[0].nearest.among });
    expect(answer.nearest?.similarity).toBeCloseTo(judged[0].nearest.similarity, 3);
  });

  it('towards a grade are proposed by what the real crop does to it', async () => {
    const { database, cohort, runs } = trained();
    const prediction = await database.db
      .selectFrom('prediction')
      .selectAll()
      .where('runId', '=', runs.predict)
      .where('slideId', '=', cohort.slides[0]?.id ?? '')
      .executeTakeFirstOrThrow();
    const now = prediction.probabilities.indexOf(Math.max(...prediction.probabilities));
    const propose = (predictionId: number, grade: number) =>
      proposeWalk(interpolator(), options(), { predictionId, grade }, undefined);
    const found = await propose(prediction.id, 1 - now);
    const logits = Array.from({ length: cropsASlide }, (_, i) => prediction.attentionLogits.readFloatLE(4 * i));
    expect(found.primary.cropId).toBe(`${cohort.slides[0]?.cropSetId}:${logits.indexOf(Math.max(...logits))}`);
    const other = cohort.slides.findIndex((slide) => slide.id === found.secondary.slideId);
    expect(cohort.slides[other]?.label).toBe(1 - now);
    const spec = {
      embedding_of: [bagOf(other), found.secondary.cropId],
      bag: bagOf(0),
      crop_id: found.primary.cropId,
      models: await fold0(),
      cohort: [bagOf(other)],
    };
    const { judged } = await recompute<Judged>(python, { judged: [spec] });
    expect(found.reached).toBeCloseTo(judged[0].probabilities[1 - now] ?? 0, 4);
    expect(found.flips).toBe((judged[0].probabilities[1 - now] ?? 0) > 0.5);
    expect(found).toMatchObject({ calibrated: false, probability: prediction.probabilities[1 - now] });
    await expect(propose(prediction.id, now)).rejects.toMatchObject({ problem: { code: 'walk.grade' } });
    await expect(propose(prediction.id, 9)).rejects.toMatchObject({ problem: { code: 'walk.grade' } });
    await expect(propose(999_999, 0)).rejects.toMatchObject({ problem: { code: 'prediction.unknown' }, status: 404 });
  });

  it('say of the crop itself what the slide’s grade says: its models’ mean, and that as the trainer calibrated it', async () => {
    const { database, cohort, runs } = trained();
    const [{ id: slideId, cropSetId } = { id: '', cropSetId: 0 }] = cohort.slides;
    const evaluation = gradeEvaluation(await resultOf(trained(), runs.abmil));
    const evaluated = evaluation?.out_of_fold.find((one) => one.slide_id === slideId);
    if (!evaluated) throw new Error('the trainer has not graded the slide');
    const jpeg = (await places(trained(), cropSetId))[1];
    if (!jpeg) throw new Error('the slide has no such crop');
    const bytes = (await readFile(jpeg.path)).subarray(jpeg.offset, jpeg.offset + jpeg.length);
    const { data: rgb, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    const judge = async () => {
      const judged = { jobId: cohort.jobId, slideId, cropId: pair().primaryCropId };
      const picture = { rgb, width: info.width, height: info.height };
      // As if the E-LDM had another encoder: the picture is embedded by the one behind the grade.
      const own = { encoderSha256: 'another', embedding: new Float32Array() };
      const [grade] = await interpolator().grades.of({ ...judged, picture, own }, undefined);
      return grade;
    };
    expect((await judge())?.calibrated).toBeNull();
    const input = { runId: runs.predict, inputRunId: runs.abmil, role: 'abmil' };
    await database.db.insertInto('runInput').values(input).execute();
    const grade = await judge();
    const prediction = (await slidePredictions(database.db, slideId)).find(({ jobId }) => jobId === cohort.jobId);
    expect(largestDifference(grade?.probabilities ?? [], prediction?.probabilities ?? [])).toBeLessThan(1e-3);
    expect(largestDifference(grade?.calibrated ?? [], evaluated.calibrated)).toBeLessThan(1e-3);
    expect(largestDifference(evaluated.calibrated, evaluated.probabilities)).toBeGreaterThan(1e-2);

    const other = evaluated.probabilities.indexOf(Math.min(...evaluated.probabilities));
    const asked = { predictionId: prediction?.id ?? 0, grade: other };
    const proposal = await proposeWalk(interpolator(), options(), asked, undefined);
    expect(proposal.calibrated).toBe(true);
    expect(proposal.probability).toBeCloseTo(evaluated.calibrated[other] ?? 0, 4);
  });

  it('are taken away as files that say what they are', async () => {
    const { jobId } = trained().cohort;
    const file = (format: 'png' | 'gif' | 'json') =>
      walkFile(interpolator(), jobId, { ...pair(), format, pictures: 3, sampler: 'unipc', steps: 3 }, undefined);
    const [strip, gif, json] = await Promise.all([file('png'), file('gif'), file('json')]);
    for (const { name } of [strip, gif, json]) expect(name).toMatch(/^synthetic_walk_\d+-1_to_\d+-2_noise-0\./);
    const { exif, width = 0, height = 0 } = await sharp(strip.content).metadata();
    expect(exif?.toString('latin1')).toContain('"synthetic":true');
    expect(width / 3).toBe(height - 11);
    const { pages, delay } = await sharp(gif.content, { animated: true }).metadata();
    expect([pages, delay]).toEqual([4, [160, 160, 160, 160]]);
    expect(gif.content.toString('latin1')).toContain('"synthetic":true');
    // The band below a picture: white letters on black.
    const { data, info } = await sharp(strip.content).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const band = data.subarray(info.width * 3 * (info.height - 9));
    expect(new Set(band)).toEqual(new Set([0, 255]));
    const { synthetic, pictures } = JSON.parse(json.content.toString());
    expect(synthetic).toBe(true);
    expect(pictures.map((picture: { alphaPrimary: number }) => picture.alphaPrimary)).toEqual([1, 0.5, 0]);
    expect(pictures[1]).toMatchObject({ sampler: 'unipc', steps: 3, made: { alpha_primary: 0.5, seed: 7 } });
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
