import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
const asked: string[] = [];
const web = createServer((request, answer) => {
  asked.push(`${request.method} ${request.url}`);
  answer.setHeader('cache-control', 'public, max-age=60');
  answer.end(`page for ${request.headers['x-forwarded-host']}`);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as { port: number };
  server = await startApi({ webUrl: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await server.close();
  web.close();
});

test('pages and their files come from the web service, for those who are signed in', async () => {
  const answer = await server.ask({ url: '/slides/1?zoom=2', headers: { host: 'stroma.lab' } });
  expect([answer.statusCode, answer.body]).toEqual([200, 'page for stroma.lab']);
  expect(answer.headers).toMatchObject({ 'cache-control': 'public, max-age=60', 'x-content-type-options': 'nosniff' });
  expect(asked.splice(0)).toEqual(['GET /slides/1?zoom=2']);
  for (const url of [
    '/',
    '/slides',
    '/_next/static/chunk.js',
    '//sign-in',
    '/sign-in/../slides',
    '/sign-in/other',
    '/SIGN-IN',
  ]) {
    expect([url, (await server.api.inject(url)).statusCode]).toEqual([url, 401]);
  }
  expect(asked).toEqual([]);
});

test('what belongs to the api never reaches the web service', async () => {
  expect((await server.ask('/api/nothing')).statusCode).toBe(404);
  expect((await server.ask({ method: 'POST', url: '/slides', payload: {} })).statusCode).toBe(404);
  expect(asked).toEqual([]);
});
