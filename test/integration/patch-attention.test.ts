import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { PatchAttention } from '@stroma/core/http/patch-attention';
import { findCrop } from '@stroma/db/cohort-crops';
import { Engine } from '@stroma/inference/engine/engine';
import { interpolationServer, listenOnSocket } from '@stroma/inference/interpolation/server';
import { Models } from '@stroma/inference/models';
import { PatchAttentions } from '@stroma/inference/patch-attention/patch-attentions';
import { patchAttentionRoutes } from '@stroma/inference/patch-attention/routes';
import { CropSearch } from '@stroma/inference/search/crop-search';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { card, cropPx, grid, patchPx, shareOfGrey, writeColourEncoder } from '../fixtures/colour-encoder.ts';
import { insertPrediction } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';
import { makeCohort, type TestCohort } from './inference-cohort.ts';

const socket = path.join('/tmp', `stroma-attention-test-${process.pid}.sock`);
const quiet = { log: () => undefined };

let server: TestApi;
let cohort: TestCohort;
let inference: FastifyInstance;
let engine: Engine;
/** By an encoder that tells its attention, and by one of before. */
let predictions: { telling: number; silent: number };

beforeAll(async () => {
  server = await startApi({ inferenceSocket: socket });
  const { db, connection } = server.database;
  cohort = await makeCohort(server.database, { slides: 4, crops: 2 });
  engine = new Engine(quiet);
  const { store } = cohort;
  const options = { db, store, engine, models: new Models(engine, store) };
  const search = new CropSearch(options);
  inference = interpolationServer({ ...options, search, codeRevision: 'test' }, quiet.log);
  patchAttentionRoutes(inference, new PatchAttentions(options));
  await listenOnSocket(inference, socket);

  const predicted = async (tellsAttention: boolean) => {
    const { cropSetId = 0, id: slideId = '' } = cohort.slides[0] ?? {};
    const given = { cohortId: cohort.cohortId, slideId, cropSetId, logits: [0, 0] };
    const { predictionId } = await insertPrediction(connection, given);
    const objectKey = `runs/${predictionId}/model`;
    const sha256 = await writeColourEncoder(store.localPath(objectKey), tellsAttention);
    await connection.pool.query(
      `update checkpoint set kind = 'encoder', object_key = $2, sha256 = $3, card = $4 where id =
         (select checkpoint_id from embedding_set join prediction p on p.embedding_set_id = embedding_set.id where p.id = $1)`,
      [predictionId, objectKey, sha256, JSON.stringify(card)],
    );
    return predictionId;
  };
  predictions = { telling: await predicted(true), silent: await predicted(false) };
}, 120_000);
afterAll(async () => {
  await inference.close();
  engine.close();
  await server.close();
  await cohort.remove();
  await rm(socket, { force: true });
});

const address = (cropId: string, prediction = predictions.telling) =>
  `/api/predictions/${prediction}/crops/${cropId}/patch-attention`;
const cropOf = (slide: number, ix: number) => `${cohort.slides[slide]?.cropSetId}:${ix}`;

describe('where an encoder looks in a crop', () => {
  test('is told head by head and patch by patch, as the encoder gives it for the stored JPEG', async () => {
    const answer = await server.ask(address(cropOf(0, 1)));
    expect(answer.statusCode, answer.body).toBe(200);
    const { heads, ...rest } = answer.json() as PatchAttention;
    expect(rest).toEqual({ encoder: 'dino', cropId: cropOf(0, 1), grid });
    const expected = await meanColours(cropOf(0, 1));
    expect(heads).toHaveLength(3);
    for (const [head, shares] of heads.entries()) {
      expect(shares).toHaveLength(grid ** 2);
      for (const [patch, share] of shares.entries()) {
        expect(share / shareOfGrey).toBeCloseTo(expected[head]?.[patch] ?? 0, 2);
      }
    }
    expect(new Set(heads.flat()).size).toBeGreaterThan(grid ** 2);
  });

  test('is another crop’s for another crop, and a browser may keep it', async () => {
    const first = await server.ask(address(cropOf(0, 0)));
    expect(first.json().heads).not.toEqual((await server.ask(address(cropOf(0, 1)))).json().heads);
    expect(first.headers['cache-control']).toMatch(/^private, .*immutable$/);
  });
});

describe('where an encoder looks is refused', () => {
  test('to whoever is not signed in', async () => {
    expect((await server.api.inject(address(cropOf(0, 1)))).statusCode).toBe(401);
  });

  test('for a crop of another slide, or none', async () => {
    const other = await server.ask(address(cropOf(1, 1)));
    expect(other.statusCode).toBe(422);
    expect(other.json().error).toMatchObject({ code: 'patch_attention.crop', found: `crop ${cropOf(1, 1)}` });
    const none = await server.ask(address(cropOf(0, 99)));
    expect([none.statusCode, none.json().error.code]).toEqual([404, 'crop.unknown']);
    expect((await server.ask(address('one'))).statusCode).toBe(400);
  });

  test('for a prediction that is not there', async () => {
    const answer = await server.ask(address(cropOf(0, 1), 99_999));
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'prediction.unknown']);
  });

  test('by an encoder that was exported before it was told, and stays refused without being kept', async () => {
    for (let time = 0; time < 2; time += 1) {
      const answer = await server.ask(address(cropOf(0, 1), predictions.silent));
      expect([answer.statusCode, answer.json().error.code]).toEqual([409, 'encoder.no_attention']);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });
});

/** Mean grey levels of the stored JPEG: by colour, the patches row by row. */
async function meanColours(cropId: string): Promise<number[][]> {
  const [cropSetId = 0, ix = 0] = cropId.split(':').map(Number);
  const crop = await findCrop(server.database.db, cropSetId, ix);
  if (!crop) throw new Error(`no crop ${cropId}`);
  const pixels = Buffer.alloc(cropPx * cropPx * 3);
  const { data } = await decodeJpeg(await cohort.store.range(crop.objectKey, crop.byteOffset, crop.byteLength), pixels);
  const sums = [0, 1, 2].map(() => new Array<number>(grid ** 2).fill(0));
  for (let i = 0; i < data.length; i += 1) {
    const at = Math.floor(i / 3);
    const patch = Math.floor(Math.floor(at / cropPx) / patchPx) * grid + Math.floor((at % cropPx) / patchPx);
    const colour = sums[i % 3] ?? [];
    colour[patch] = (colour[patch] ?? 0) + (data[i] ?? 0);
  }
  return sums.map((colour) => colour.map((sum) => sum / patchPx ** 2));
}
