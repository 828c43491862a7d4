import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readScores } from '@stroma/core/scores-bytes';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCohort, insertPrediction, insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const get = async (url: string) => (await server.ask(url)).json();

describe('the list of slides', () => {
  test('goes on from its cursor, newest first, also where many came in the same microsecond', async () => {
    for (let i = 0; i < 7; i += 1) {
      await insertSlide(server.database.db, { name: `page_${i}.svs`, createdAt: `2026-01-01T00:00:00.00000${i % 2}Z` });
    }
    await insertSlide(server.database.db, { name: 'pageX.svs' });
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await get(`/api/slides?search=page_&limit=3${cursor && `&cursor=${cursor}`}`);
      expect(page.total).toBe(7);
      names.push(...page.slides.map((slide: { name: string }) => slide.name));
      cursor = page.next ?? '';
    } while (cursor);
    expect(names.sort()).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `page_${i}.svs`));
    expect((await get('/api/slides?search=PAGE')).total).toBe(8);
    expect((await get('/api/slides?cursor=bm9wZQ')).error.code).toBe('slides.cursor');
  });
});

describe('a slide', () => {
  test('tells its levels by zoom index, coarsest first', async () => {
    const id = await insertSlide(server.database.db, { name: 'levels.svs' });
    const { levels, mpp, mppSource } = await get(`/api/slides/${id}`);
    expect([mpp, mppSource]).toEqual([{ x: 0.5, y: 0.5 }, 'declared']);
    expect(levels).toMatchObject([
      { zoom: 0, width: 500, downsample: 2 },
      { zoom: 1, width: 1000, downsample: 1 },
    ]);
    expect((await get('/api/slides/00000000-0000-4000-8000-000000000000')).error.code).toBe('slide.unknown');
    expect((await get('/api/slides/nonsense')).error.code).toBe('request.invalid');
  });

  test('takes a user’s mpp, which is written down', async () => {
    const { db } = server.database;
    const id = await insertSlide(db, { name: 'unscaled.svs', mpp: null });
    const change = (mpp: number) => {
      const payload = { scale: { use: 'user', mpp: { x: mpp, y: mpp } } };
      return server.ask({ method: 'PATCH', url: `/api/slides/${id}`, payload });
    };
    expect((await change(0)).statusCode).toBe(400);
    expect((await change(0.25)).json()).toMatchObject({ mpp: { x: 0.25, y: 0.25 }, mppSource: 'user' });
    const entry = await db
      .selectFrom('auditEvent')
      .selectAll()
      .where('action', '=', 'slide.scale-chosen')
      .executeTakeFirst();
    expect(entry).toMatchObject({ subject: `slide:${id}`, detail: { before: null, scale: { mpp: { x: 0.25 } } } });
  });

  test('gets crop sets, and shows why one failed', async () => {
    const { db } = server.database;
    const id = await insertSlide(db, { name: 'cut.svs' });
    const unscaled = await insertSlide(db, { name: 'uncut.svs', mpp: null });
    const ask = (slideIds: string[], mpp: number[]) =>
      server.ask({ method: 'POST', url: '/api/crop-sets', payload: { slideIds, mpp } });
    const answer = await ask([id], [0.5, 1]);
    expect([answer.statusCode, answer.json().cropSetIds.length]).toEqual([202, 2]);
    expect((await ask([id, unscaled], [1])).json().error).toMatchObject({ code: 'slide.no-mpp', where: 'uncut.svs' });
    expect((await ask([id], [1, 0.4])).json().error.code).toBe('slide.too-coarse');
    const error = JSON.stringify({ code: 'x', message: 'no tissue' });
    await db.updateTable('run').set({ status: 'failed', error }).where('slideId', '=', id).execute();
    const { cropSets } = await get(`/api/slides/${id}`);
    expect(cropSets).toMatchObject([
      { mpp: 0.5, error: { message: 'no tissue' } },
      { mpp: 1, sizePx: 256, status: 'queued' },
    ]);
  });
});

describe('tiles', () => {
  async function realSlide(): Promise<string> {
    const id = await insertSlide(server.database.db, { name: 'real.tif' });
    const { objectKey } = await server.database.db
      .selectFrom('slide')
      .select('objectKey')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const file = server.store.localPath(objectKey);
    await mkdir(path.dirname(file), { recursive: true });
    const pixels = randomBytes(1000 * 600 * 3);
    await sharp(pixels, { raw: { width: 1000, height: 600, channels: 3 } })
      .tiff({ tile: true, pyramid: true, compression: 'jpeg', tileWidth: 256, tileHeight: 256 })
      .toFile(file);
    return id;
  }

  test('are JPEGs that a browser keeps for good', async () => {
    const id = await realSlide();
    const answers = await Promise.all(
      ['1/0/0', '1/3/2', '0/1/1'].map((place) => server.ask(`/api/slides/${id}/tiles/${place}`)),
    );
    for (const answer of answers) {
      expect(answer.headers).toMatchObject({
        'content-type': 'image/jpeg',
        'cache-control': expect.stringMatching(/^private.*immutable/),
      });
      expect(await sharp(answer.rawPayload).metadata()).toMatchObject({ format: 'jpeg', width: 256, height: 256 });
    }
    expect(new Set(answers.map((answer) => answer.headers.etag)).size).toBe(3);
    const known = { 'if-none-match': String(answers[0]?.headers.etag) };
    const again = await server.ask({ url: `/api/slides/${id}/tiles/1/0/0`, headers: known });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  test('are kept in memory for those who are signed in only', async () => {
    const id = await realSlide();
    const url = `/api/slides/${id}/tiles/1/2/1`;
    const [first, second] = [await server.ask(url), await server.ask(url)];
    expect(first.rawPayload.equals(second.rawPayload)).toBe(true);
    const stranger = await server.api.inject({ url, headers: { 'if-none-match': String(first.headers.etag) } });
    expect([stranger.statusCode, Object.keys(stranger.json())]).toEqual([401, ['error']]);
    expect([stranger.headers.etag, stranger.headers['cache-control']]).toEqual([undefined, 'no-store']);
  });

  test.each(['2/0/0', '1/4/0', '1/0/3', '0/2/0', '1/-1/0', '1/0/x'])('%s lies outside the slide', async (place) => {
    const id = await insertSlide(server.database.db, { name: 'outside.tif' });
    const answer = await server.ask(`/api/slides/${id}/tiles/${place}`);
    expect([answer.statusCode, answer.json().error.code]).toEqual(
      /[-x]/.test(place) ? [400, 'request.invalid'] : [404, 'tile.outside'],
    );
  });

  test('a file that is gone is an error of ours, and not for good', async () => {
    const id = await insertSlide(server.database.db, { name: 'gone.tif' });
    const answer = await server.ask(`/api/slides/${id}/tiles/0/0/0`);
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([500, 'no-store']);
    expect([answer.json().error.code, answer.headers.etag]).toEqual(['slide.file-gone', undefined]);
  });
});

test('crops, predictions and attention of a slide', async () => {
  const { db, connection } = server.database;
  const { cohortId, slideIds } = await insertCohort(db, { grades: ['benign', 'malign'] });
  const [slideId] = slideIds as [string];
  const insert = async (text: string, values: unknown[]) =>
    (await connection.pool.query(text, values)).rows[0].id as number;
  const cropSetId = await insert(
    `insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px, size0_x, size0_y, crop_count, status)
     values ($1, 'h', '{}', 0.5, 256, 256, 256, 256, 3, 'ready') returning id`,
    [slideId],
  );
  await connection.pool.query(`create table crop_${cropSetId} partition of crop for values in (${cropSetId})`);
  const { key, bytes, sha256 } = await server.store.put(
    `crops/${cropSetId}/000000.tar`,
    Buffer.from('..first.second.third'),
  );
  await connection.pool.query(
    `insert into shard (crop_set_id, ix, object_key, sha256, bytes, crop_count) values ($1, 0, $2, $3, $4, 3)`,
    [cropSetId, key, sha256, bytes],
  );
  await connection.pool.query(
    `insert into crop values ($1, 2, 512, 0, 1, 0, 15, 5), ($1, 0, 0, 0, 0.9, 0, 2, 5), ($1, 1, 256, 0, 0.8, 0, 8, 6)`,
    [cropSetId],
  );
  const list = await get(`/api/slides/${slideId}/crops?cropSetId=${cropSetId}`);
  expect(list).toMatchObject({
    mpp: 0.5,
    size0X: 256,
    size0Y: 256,
    crops: [{ id: `${cropSetId}:0`, x0: 0 }, { x0: 256 }, { ix: 2, x0: 512 }],
  });
  expect((await get(`/api/slides/${slideIds[1]}/crops?cropSetId=${cropSetId}`)).error.code).toBe('crop-set.unknown');
  const image = await server.ask(`/api/crops/${cropSetId}:1/image`);
  expect([image.body, image.headers['content-type']]).toEqual(['second', 'image/jpeg']);
  expect((await get(`/api/crops/${cropSetId}:9/image`)).error.code).toBe('crop.unknown');

  const given = { cohortId, slideId, cropSetId, logits: [1000, 1001, -1000] };
  const { jobId, predictionId } = await insertPrediction(server.database.connection, given);
  expect((await get(`/api/slides/${slideId}/predictions`)).predictions).toMatchObject([
    {
      jobId,
      encoder: 'dino',
      classes: ['benign', 'malign'],
      probabilities: [0.25, 0.75],
      spread: null,
      truth: 'benign',
      heldOut: true,
      cropSetId,
    },
  ]);
  const spreadOf = async (modelProbabilities: number[]) => {
    await db.updateTable('prediction').set({ modelProbabilities }).where('id', '=', predictionId).execute();
    return (await get(`/api/slides/${slideId}/predictions`)).predictions[0].spread;
  };
  expect(await spreadOf([0.25, 0.75])).toMatchObject({ low: [0.25, 0.75], high: [0.25, 0.75], models: 1 });
  // Two seeds of one fold are two models.
  expect(await spreadOf([0, 1, 0.5, 0.5])).toEqual({ low: [0, 0.5], high: [0.5, 1], models: 2 });
  const answer = await server.ask(`/api/predictions/${predictionId}/scores`);
  const scores = readScores(new Uint8Array(answer.rawPayload).buffer);
  expect(scores).toMatchObject({ predictionId, cropSetId, mpp: 0.5, sizePx: 256, size0X: 256, strideShare: 1 });
  expect({ ix: [...scores.ix], x0: [...scores.x0], y0: [...scores.y0] }).toEqual({
    ix: [0, 1, 2],
    x0: [0, 256, 512],
    y0: [0, 0, 0],
  });
  expect([...scores.attentionLogits]).toEqual([1000, 1001, -1000]);
  expect([scores.classes, scores.evidence]).toEqual([null, []]);
  const { etag = '', 'cache-control': caching } = answer.headers;
  expect(caching).toContain('immutable');
  const again = await server.ask({
    url: `/api/predictions/${predictionId}/scores`,
    headers: { 'if-none-match': etag },
  });
  expect(again.statusCode).toBe(304);

  const evidence = Float32Array.of(0.5, -0.25, 0, -0.5, 0.25, 0);
  await db
    .updateTable('prediction')
    .set({ classEvidence: Buffer.from(evidence.buffer) })
    .execute();
  const more = await server.ask(`/api/predictions/${predictionId}/scores`);
  const { classes, evidence: byClass } = readScores(new Uint8Array(more.rawPayload).buffer);
  expect(classes).toEqual(['benign', 'malign']);
  expect(byClass.map((each) => [...each])).toEqual([
    [0.5, -0.25, 0],
    [-0.5, 0.25, 0],
  ]);

  await db
    .updateTable('prediction')
    .set({ attentionLogits: Buffer.from(Float32Array.of(1001, -1000).buffer) })
    .execute();
  const misfit = await server.ask(`/api/predictions/${predictionId}/scores`);
  expect([misfit.json().error.code, misfit.headers['cache-control']]).toEqual(['prediction.crops', 'no-store']);
  expect((await get('/api/predictions/999999/scores')).error.code).toBe('prediction.unknown');
});
