import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCohort } from './api-data.ts';
import { jobsThrough } from './api-job-requests.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let origin: string;
const socket = path.join('/tmp', `stroma-api-test-${process.pid}.sock`);
beforeAll(async () => {
  server = await startApi({ inferenceSocket: socket });
  origin = await server.api.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await server.close();
  await rm(socket, { force: true });
});
const { post, newJob } = jobsThrough(() => server);

async function walkCrops() {
  const { connection } = server.database;
  const { id, slideIds } = await newJob();
  const other = await insertCohort(server.database.db, { grades: ['0'] });
  const ids: string[] = [];
  for (const slideId of [slideIds[0], slideIds[1], other.slideIds[0]]) {
    const { rows } = await connection.pool.query(
      `insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px) values ($1, 'walk', '{}', 0.5, 256, 256) returning id`,
      [slideId],
    );
    const set = rows[0].id;
    await connection.pool.query(`create table crop_${set} partition of crop for values in (${set})`);
    await connection.pool.query(`insert into crop values ($1, 0, 0, 0, 1, 0, 0, 1)`, [set]);
    ids.push(`${set}:0`);
  }
  return { id, primaryCropId: ids[0], secondaryCropId: ids[1], foreign: ids[2] };
}

describe('a walk', () => {
  test('says that the inference service is away', async () => {
    const { id, primaryCropId, secondaryCropId } = await walkCrops();
    const answer = await post(`/api/jobs/${id}/interpolations`, { primaryCropId, secondaryCropId, alphaPrimary: 0.5 });
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'inference.unreachable']);
  });

  test('is forwarded with the job’s number; answers and Problems come back; other slides’ crops do not pass', async () => {
    const { id, primaryCropId, secondaryCropId, foreign } = await walkCrops();
    const received: unknown[] = [];
    const inference = createServer(async (request, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      received.push([request.method, request.url, body]);
      if (body.alphaPrimary === 1) {
        answer.statusCode = 409;
        answer.end(JSON.stringify({ error: { code: 'walk.eldm', message: 'No E-LDM yet.' } }));
        return;
      }
      const { alphaPrimary } = body;
      const similarity = { similarityPrimary: 0.9, similaritySecondary: null };
      const judged = {
        grades: [{ encoder: 'dino', probabilities: [0.25, 0.75], calibrated: [0.4, 0.6] }],
        nearest: null,
      };
      const drawn = { alphaPrimary, sampler: 'ddim', steps: 4, seconds: 1.5, synthetic: true, png: 'AAAA' };
      answer.end(JSON.stringify({ ...drawn, ...similarity, ...judged }));
    }).listen(socket);
    const walk = (more: object) =>
      post(`/api/jobs/${id}/interpolations`, { primaryCropId, secondaryCropId, alphaPrimary: 0.25, ...more });
    expect((await walk({ steps: 4 })).json()).toMatchObject({
      png: 'AAAA',
      similaritySecondary: null,
      grades: [{ encoder: 'dino', probabilities: [0.25, 0.75], calibrated: [0.4, 0.6] }],
    });
    expect(received).toEqual([
      [
        'POST',
        '/interpolations',
        { jobId: id, primaryCropId, secondaryCropId, alphaPrimary: 0.25, steps: 4, replica: 0 },
      ],
    ]);
    const refused = await walk({ alphaPrimary: 1 });
    expect([refused.statusCode, refused.json().error.code]).toEqual([409, 'walk.eldm']);
    expect((await walk({ secondaryCropId: foreign })).json().error.code).toBe('interpolation.crop');
    expect((await walk({ secondaryCropId: '1:2:3' })).json().error.code).toBe('request.invalid');
    expect(received).toHaveLength(2);
    inference.close();
  });
});

describe('a walk’s page', () => {
  const answering = (answers: Record<string, object>) =>
    createServer((request, answer) => answer.end(JSON.stringify(answers[request.url ?? ''] ?? {}))).listen(socket);

  test('starts from the crops’ places and the slide’s grades in which the crop takes part', async () => {
    const { id, primaryCropId, secondaryCropId } = await walkCrops();
    const slides = await placesOf([primaryCropId, secondaryCropId]);
    const inference = answering({ '/walks/opening': { steps: 10, guidanceScale: 1.75, imagePx: 64 } });
    const query = new URLSearchParams({ primaryCropId: primaryCropId ?? '', secondaryCropId: secondaryCropId ?? '' });
    const detail = (await server.ask(`/api/jobs/${id}/walk?${query}`)).json();
    expect(detail).toMatchObject({
      jobId: id,
      steps: 10,
      primary: { cropId: primaryCropId, slideId: slides[0] },
      secondary: { cropId: secondaryCropId, slideId: slides[1] },
      grades: [],
    });
    inference.close();
  });

  test('gives files under a name that says synthetic, and refuses other formats, cohorts and grades', async () => {
    const { id, primaryCropId, secondaryCropId, foreign } = await walkCrops();
    const name = 'synthetic_walk.gif';
    const inference = answering({ '/walks/file': { name, type: 'image/gif', content: 'R0lGODlh' } });
    const file = (more: Record<string, string>) => {
      const query = { primaryCropId: primaryCropId ?? '', secondaryCropId: secondaryCropId ?? '', ...more };
      return server.ask(`/api/jobs/${id}/walk/file?${new URLSearchParams(query)}`);
    };
    const gif = await file({ format: 'gif' });
    expect(gif.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
    expect(gif.rawPayload.toString('latin1')).toBe('GIF89a');
    for (const [more, code] of [
      [{ format: 'bmp' }, 'request.invalid'],
      [{ format: 'png', pictures: '42' }, 'request.invalid'],
      [{ format: 'png', sampler: 'plms' }, 'request.invalid'],
      [{ format: 'png', secondaryCropId: foreign ?? '' }, 'interpolation.crop'],
    ] as const) {
      expect((await file(more)).json().error.code).toBe(code);
    }
    const towards = await post('/api/predictions/999999/walks', { grade: 1 });
    expect([towards.statusCode, towards.json().error.code]).toEqual([404, 'prediction.unknown']);
    expect((await post('/api/predictions/999999/walks', { grade: -1 })).json().error.code).toBe('request.invalid');
    expect((await server.ask(`/api/jobs/999999/walk?primaryCropId=1:0&secondaryCropId=1:0`)).statusCode).toBe(404);
    inference.close();
  });

  async function placesOf(cropIds: (string | undefined)[]) {
    const sets = await server.database.db.selectFrom('cropSet').select(['id', 'slideId']).execute();
    return cropIds.map((cropId) => sets.find((set) => cropId === `${set.id}:0`)?.slideId);
  }
});

test('a walk that nobody waits for any more is given up in the inference service, too', async () => {
  const { id, primaryCropId, secondaryCropId } = await walkCrops();
  let gaveUp = false;
  const inference = createServer((request) => request.socket.once('close', () => (gaveUp = true))).listen(socket);
  const asked = new Promise((resolve) => inference.once('request', resolve));
  const gone = new AbortController();
  const answer = fetch(`${origin}/api/jobs/${id}/interpolations`, {
    method: 'POST',
    headers: { ...server.browser, 'content-type': 'application/json' },
    body: JSON.stringify({ primaryCropId, secondaryCropId, alphaPrimary: 0.5 }),
    signal: gone.signal,
  }).catch(() => 'gone');
  await asked;
  gone.abort();
  expect(await answer).toBe('gone');
  await expect.poll(() => gaveUp).toBe(true);
  inference.close();
});
