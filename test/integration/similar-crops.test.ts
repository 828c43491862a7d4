import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { SimilarCropsAnswer } from '@stroma/core/http/similar-crops';
import { Engine } from '@stroma/inference/engine/engine';
import { interpolationServer, listenOnSocket } from '@stroma/inference/interpolation/server';
import { Models } from '@stroma/inference/models';
import { CropSearch } from '@stroma/inference/search/crop-search';
import { searchRoutes } from '@stroma/inference/search/routes';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api-server.ts';
import { cropsASlide, dim, type EmbeddedSlide, embeddedCohort } from './embedded-cohort.ts';
import { pythonWith } from './inference-python.ts';

const socket = path.join('/tmp', `stroma-search-test-${process.pid}.sock`);
const quiet = { log: () => undefined };

let server: TestApi;
let inference: FastifyInstance;
let jobId: number;
let slides: EmbeddedSlide[];

beforeAll(async () => {
  server = await startApi({ inferenceSocket: socket });
  const { db } = server.database;
  const engine = new Engine(quiet);
  const models = new Models(engine, server.store);
  const search = new CropSearch({ db, store: server.store });
  inference = interpolationServer({ db, store: server.store, engine, models, search, codeRevision: 'test' }, quiet.log);
  searchRoutes(inference, search, quiet.log);
  await listenOnSocket(inference, socket);
  ({ jobId, slides } = await embeddedCohort(server.database.connection, server.store));
});
afterAll(async () => {
  await inference.close();
  await server.close();
  await rm(socket, { force: true });
});

const ask = (payload: object, job = jobId) =>
  server.ask({ method: 'POST', url: `/api/jobs/${job}/similar-crops`, payload: { encoder: 'dino', ...payload } });
const found = async (payload: object) => {
  const answer = await ask(payload);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as SimilarCropsAnswer;
};
const cropOf = (slide: number, ix: number) => ({ cropId: `${slides[slide]?.cropSetId}:${ix}` });

describe('similar crops', () => {
  test('are the nearest of the cohort, each compared, without the crop itself', async () => {
    const answer = await found({ of: cropOf(0, 3), count: 10 });
    expect(answer).toMatchObject({ askedWith: 1, compared: 4 * cropsASlide - 1, exact: true });
    expect(answer.crops).toHaveLength(10);
    expect(answer.crops.map((crop) => crop.cropId)).not.toContain(cropOf(0, 3).cropId);
    // Of the crop's own cluster.
    expect(new Set(answer.crops.map((crop) => Number(crop.cropId.split(':')[1]) % 8))).toEqual(new Set([3]));
    const similarities = answer.crops.map((crop) => crop.similarity);
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
    expect(answer.crops[0]).toMatchObject({ size0X: 512, size0Y: 512 });
  });

  const python = pythonWith(['numpy']);
  test.skipIf(!python)('equal numpy’s exact answer', async () => {
    const answer = await found({ of: cropOf(1, 17), count: 20 });
    const file = path.join(server.folder, 'embeddings.json');
    await writeFile(file, JSON.stringify(slides.map((slide) => slide.embeddings)));
    const program = `import json, sys; import numpy as np
e = np.array(json.load(open(sys.argv[1]))).astype(np.float16).astype(np.float64).reshape(-1, ${dim})
u = e / np.linalg.norm(e, axis=1, keepdims=True)
asked = ${cropsASlide} + 17
s = u @ u[asked]; s[asked] = -2
best = np.argsort(-s, kind='stable')[:20]
print(json.dumps([best.tolist(), s[best].tolist()]))`;
    const { stdout } = await promisify(execFile)(python ?? '', ['-c', program, file]);
    const [rows, similarities] = JSON.parse(stdout) as [number[], number[]];
    expect(answer.crops.map((crop) => crop.cropId)).toEqual(
      rows.map((row) => `${slides[Math.floor(row / cropsASlide)]?.cropSetId}:${row % cropsASlide}`),
    );
    for (const [i, crop] of answer.crops.entries()) expect(crop.similarity).toBeCloseTo(similarities[i] ?? 0, 5);
  });

  test.each([
    ['other slides', { except: 'slide' }, [1, 2, 3]],
    ['other patients', { except: 'patient' }, [2, 3]],
    ['one label', { labels: ['benign'] }, [0, 1]],
    ['no label', { unlabelled: true }, [3]],
  ])('are looked for on %s', async (_, filter, kept) => {
    const answer = await found({ of: cropOf(0, 3), filter, count: 100 });
    expect(new Set(answer.crops.map((crop) => crop.slideId))).toEqual(new Set(kept.map((ix) => slides[ix]?.id)));
    expect(answer.compared).toBe(kept.length * cropsASlide - (kept.includes(0) ? 1 : 0));
  });

  test('are looked for on named slides, and may be none', async () => {
    const only = await found({ of: cropOf(0, 3), filter: { slideIds: [slides[2]?.id] }, count: 5 });
    expect(only.crops.map((crop) => [crop.slideId, crop.label])).toEqual(Array(5).fill([slides[2]?.id, 'malign']));
    const none = await found({ of: cropOf(0, 3), filter: { slideIds: [slides[0]?.id], except: 'slide' } });
    expect(none).toMatchObject({ compared: 0, crops: [] });
  });

  test('of a rectangle are those of the crops in it, which are left out', async () => {
    const box = { slideId: slides[0]?.id, x0: 512, y0: 0, width0: 1100, height0: 600 };
    const answer = await found({ of: box, count: 100 });
    expect(answer.askedWith).toBe(2);
    expect(answer.crops.map((crop) => crop.cropId)).not.toContain(cropOf(0, 1).cropId);
    expect(answer.crops.map((crop) => crop.cropId)).not.toContain(cropOf(0, 2).cropId);
  });
});

describe('a search is refused', () => {
  test('to whoever is not signed in', async () => {
    const payload = { encoder: 'dino', of: cropOf(0, 3) };
    const answer = await server.api.inject({
      method: 'POST',
      url: `/api/jobs/${jobId}/similar-crops`,
      headers: { 'sec-fetch-site': 'same-origin' },
      payload,
    });
    expect(answer.statusCode).toBe(401);
  });

  test('for a job that is not there, and before its embeddings', async () => {
    expect((await ask({ of: cropOf(0, 3) }, 99_999)).json().error.code).toBe('job.unknown');
    const early = await ask({ of: cropOf(0, 3), encoder: 'gen_dino' });
    expect([early.statusCode, early.json().error.code]).toEqual([409, 'search.no_embeddings']);
  });

  test('for crops and slides of other cohorts', async () => {
    const other = await embeddedCohort(server.database.connection, server.store);
    const crop = { cropId: `${other.slides[0]?.cropSetId}:3` };
    expect((await ask({ of: crop })).json().error).toMatchObject({ code: 'search.crop', found: `crop ${crop.cropId}` });
    expect((await ask({ of: cropOf(0, cropsASlide) })).json().error.code).toBe('search.crop');
    const box = { x0: 0, y0: 0, width0: 600, height0: 600 };
    expect((await ask({ of: { slideId: other.slides[0]?.id, ...box } })).json().error.code).toBe('search.slide');
    const filter = { slideIds: [other.slides[0]?.id] };
    expect((await ask({ of: cropOf(0, 3), filter })).json().error.code).toBe('search.slide');
    expect((await ask({ of: cropOf(0, 3), filter: { labels: ['3+4'] } })).json().error.code).toBe('search.label');
  });

  test('for a rectangle on glass, and one without area', async () => {
    const glass = { slideId: slides[0]?.id, x0: 50_000, y0: 0, width0: 600, height0: 600 };
    expect((await ask({ of: glass })).json().error.code).toBe('search.empty_rectangle');
    expect((await ask({ of: { ...glass, width0: 0 } })).statusCode).toBe(400);
    expect((await ask({ of: cropOf(0, 3), count: 1000 })).statusCode).toBe(400);
  });
});
