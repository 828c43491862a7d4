import { buildApi } from '@stroma/api/app';
import { createOneTimeLink } from '@stroma/api/one-time-link';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi({ webUrl: 'http://127.0.0.1:9' });
});
afterAll(() => server.close());

const publicRoutes = ['GET /sign-in', 'HEAD /sign-in', 'POST /sign-in', 'GET /sign-in/once'];

describe('without credentials', () => {
  test('only signing in is public', () => {
    const found = server.api.rules.filter(({ rule }) => rule === 'public').map(({ method, url }) => `${method} ${url}`);
    expect(found.sort()).toEqual([...publicRoutes].sort());
  });

  test('every other route answers 401 and nothing else', async () => {
    const closed = server.api.rules.filter(({ rule }) => rule !== 'public');
    expect(closed.length).toBeGreaterThan(40);
    for (const { method, url } of closed) {
      const path = url.replace(/:\w+/g, '1').replace('*', 'anything');
      const answer = await server.api.inject({
        method: method as 'GET',
        url: path,
        headers: { 'sec-fetch-site': 'same-origin' },
      });
      expect([method, url, answer.statusCode]).toEqual([method, url, 401]);
      if (method === 'HEAD') continue;
      expect(Object.keys(answer.json())).toEqual(['error']);
      expect(answer.json().error.code).toBe('access.unknown');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  test('a browser that goes to a page gets 401 with the sign-in page, which carries the way back', async () => {
    const answer = await server.api.inject({ url: '/slides?search="x"', headers: { accept: 'text/html' } });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain('name="next" value="/slides?search=');
    expect(answer.body).not.toContain('"x"');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('credentials that mean nothing are as good as none', async () => {
    for (const headers of [
      { authorization: 'Bearer strm_aaaaaaaaaaaaaaaaaaaaaaaaaaaa' },
      { authorization: 'Basic YTpi' },
      { cookie: 'stroma.session_token=abc.def' },
    ]) {
      expect((await server.api.inject({ url: '/api/me', headers })).statusCode).toBe(401);
    }
  });
});

test('a route without a rule stops the start', async () => {
  const api = await buildApi({
    connection: server.database.connection,
    store: server.store,
    uploadsFolder: `${server.folder}/uploads`,
    secret: 'a secret of at least 32 characters',
  });
  expect(() => api.get('/open', async () => 'x')).toThrow('GET /open has no rule');
  await api.close();
});

describe('one-time link', () => {
  test('works once, also when it is followed twice at the same moment', async () => {
    const link = await createOneTimeLink(server.database.connection);
    const answers = await Promise.all([server.api.inject(link), server.api.inject(link), server.api.inject(link)]);
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([303, 401, 401]);
    expect(answers.find((answer) => answer.statusCode === 401)?.headers['set-cookie']).toBeUndefined();
  });

  test('goes on to a page of this server only', async () => {
    for (const [next, location] of [
      ['/slides/1', '/slides/1'],
      ['//elsewhere.example/', '/'],
      ['https://elsewhere.example/', '/'],
      ['/\\elsewhere.example', '/'],
    ] as const) {
      const link = await createOneTimeLink(server.database.connection);
      const answer = await server.api.inject(`${link}&next=${encodeURIComponent(next)}`);
      expect(answer.headers.location).toBe(location);
    }
  });

  test('expires, and its token is not in the database', async () => {
    const { db } = server.database;
    const link = await createOneTimeLink(server.database.connection);
    const rows = await db.selectFrom('verification').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(link.split('token=')[1]);
    await db
      .updateTable('verification')
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .execute();
    expect((await server.api.inject(link)).statusCode).toBe(401);
  });
});

describe('password', () => {
  const signIn = (password: string, address: string) =>
    server.api.inject({
      method: 'POST',
      url: '/sign-in',
      remoteAddress: address,
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ email: 'admin@localhost', password, next: '/jobs' }).toString(),
    });

  test('is set once without the old one, then signs in', async () => {
    const set = (payload: object) => server.ask({ method: 'POST', url: '/api/me/password', payload });
    expect((await set({ password: 'short' })).statusCode).toBe(400);
    expect((await set({ password: 'correct horse' })).statusCode).toBe(204);
    expect((await set({ password: 'another horse' })).json().error.code).toBe('password.current');
    expect((await set({ password: 'another horse', current: 'correct horse' })).statusCode).toBe(204);
    const answer = await signIn('another horse', '10.0.0.1');
    const cookie = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
    const elsewhere = () => server.api.inject({ url: '/api/me', headers: { cookie } });
    expect((await elsewhere()).statusCode).toBe(200);
    await set({ password: 'fourth horse!', current: 'another horse' });
    expect([(await elsewhere()).statusCode, (await server.ask('/api/me')).statusCode]).toEqual([401, 200]);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/jobs']);
    expect((await signIn('correct horse', '10.0.0.1')).statusCode).toBe(401);
  });

  test('attempts are limited by address', async () => {
    const statuses = [];
    for (let i = 0; i < 7; i += 1) statuses.push((await signIn('wrong', '10.0.0.2')).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await signIn('wrong', '10.0.0.3')).statusCode).toBe(401);
  });

  test('a password that was refused is not repeated in the answer', async () => {
    const answer = await server.ask({ method: 'POST', url: '/api/me/password', payload: { password: 'hunter2' } });
    expect(answer.body).not.toContain('hunter2');
  });
});

describe('API tokens', () => {
  test('are shown once, stored as a hash, and end when they are revoked', async () => {
    const made = await server.ask({ method: 'POST', url: '/api/tokens', payload: { name: 'script' } });
    const { id, token } = made.json();
    expect(token).toMatch(/^strm_/);
    const stored = await server.database.db.selectFrom('apiToken').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(token);
    const headers = { authorization: `Bearer ${token}` };
    expect((await server.api.inject({ url: '/api/me', headers })).json().email).toBe('admin@localhost');
    const listed = (await server.ask('/api/tokens')).json();
    expect(listed.tokens).toMatchObject([{ id, name: 'script' }]);
    const more = await server.api.inject({ method: 'POST', url: '/api/tokens', headers, payload: { name: 'more' } });
    expect([more.statusCode, more.json().error.code]).toEqual([403, 'access.session']);
    expect((await server.ask({ method: 'DELETE', url: `/api/tokens/${id}` })).statusCode).toBe(204);
    expect((await server.api.inject({ url: '/api/me', headers })).statusCode).toBe(401);
  });
});

describe('requests from other sites', () => {
  const post = (headers: Record<string, string>) =>
    server.api.inject({
      method: 'POST',
      url: '/api/tokens',
      headers: { cookie: server.browser.cookie ?? '', ...headers },
      payload: { name: 'x' },
    });

  test.each([
    ['no sign of where it comes from', {}, 403],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sibling of this site', { 'sec-fetch-site': 'same-site' }, 403],
    ['another origin', { origin: 'http://elsewhere.example' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 201],
    ['our own page in an old browser', { origin: 'http://stroma.lab:3000', host: 'stroma.lab:3000' }, 201],
  ])('%s', async (_, headers, status) => {
    expect((await post(headers as Record<string, string>)).statusCode).toBe(status);
  });
});

test('signing out ends the session at once', async () => {
  const answer = await server.api.inject(await createOneTimeLink(server.database.connection));
  const cookie = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  expect((await server.api.inject({ url: '/api/me', headers })).statusCode).toBe(200);
  expect(
    (await server.api.inject({ method: 'POST', url: '/api/auth/sign-out', headers, payload: {} })).statusCode,
  ).toBe(204);
  expect((await server.api.inject({ url: '/api/me', headers })).statusCode).toBe(401);
});

describe('what another process revokes', () => {
  /** Looked up a moment before, then refused within the second in which a look-up is trusted. */
  async function refusedWithinASecond(headers: Record<string, string>, revoke: () => Promise<unknown>) {
    const status = async () => (await server.api.inject({ url: '/api/me', headers })).statusCode;
    expect(await status()).toBe(200);
    await revoke();
    const revokedAt = Date.now();
    while ((await status()) === 200) {
      expect(Date.now() - revokedAt).toBeLessThan(1_500);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await status()).toBe(401);
  }

  test('a token', async () => {
    const { id, token } = (
      await server.ask({ method: 'POST', url: '/api/tokens', payload: { name: 'elsewhere' } })
    ).json();
    const { db } = server.database;
    await refusedWithinASecond({ authorization: `Bearer ${token}` }, () =>
      db.updateTable('apiToken').set({ revokedAt: new Date() }).where('id', '=', id).execute(),
    );
  });

  test('a session', async () => {
    const answer = await server.api.inject(await createOneTimeLink(server.database.connection));
    const cookie = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
    const token = answer.cookies.find(({ name }) => name === 'stroma.session_token')?.value.split('.')[0] ?? '';
    const { db } = server.database;
    await refusedWithinASecond({ cookie }, async () => {
      const { numDeletedRows } = await db.deleteFrom('session').where('token', '=', token).executeTakeFirstOrThrow();
      expect(numDeletedRows).toBe(1n);
    });
  });
});

test('a look-up that was under way at a sign-out is not remembered', async () => {
  const { identifier } = server.api;
  const credentials = { cookie: server.browser.cookie };
  identifier.forget();
  await identifier.identify(credentials);
  expect(identifier.known(credentials)).toBeDefined();
  identifier.forget();
  const underWay = identifier.identify(credentials);
  identifier.forget();
  expect(await underWay).toBeDefined();
  expect(identifier.known(credentials)).toBeUndefined();
});

test('what changes rights is written down', async () => {
  const rows = await server.database.db.selectFrom('auditEvent').select('action').distinct().execute();
  const actions = rows.map((row) => row.action);
  expect(actions).toEqual(
    expect.arrayContaining(['sign-in-link.used', 'password.set', 'session.opened', 'token.created', 'token.revoked']),
  );
});

describe('answers', () => {
  test('carry the security headers', async () => {
    const { headers } = await server.ask('/api/me');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  test('say what is wrong with a request', async () => {
    const answer = await server.ask('/api/slides?limit=9999');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      error: { code: 'request.invalid', where: 'querystring.limit', found: '9999' },
    });
  });

  test('say that an address or a JSON body is not there', async () => {
    expect((await server.ask('/api/nothing')).json().error).toMatchObject({
      code: 'request.path',
      found: 'GET /api/nothing',
    });
    const broken = {
      method: 'POST',
      url: '/api/tokens',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    } as const;
    expect([(await server.ask(broken)).statusCode, (await server.ask(broken)).json().error.code]).toEqual([
      400,
      'request.refused',
    ]);
  });

  test('are described by OpenAPI', async () => {
    const { paths } = (await server.ask('/api/openapi.json')).json();
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/api/slides', '/api/cohorts/label-report', '/api/jobs/{id}/stop']),
    );
  });

  test('a page service that is away is a Problem', async () => {
    const answer = await server.ask('/slides');
    expect([answer.statusCode, answer.json().error.code]).toEqual([502, 'pages.unreachable']);
  });
});
