import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Api, ApiOptions } from '@stroma/api/api';
import { buildApi } from '@stroma/api/app';
import { createOneTimeLink } from '@stroma/api/one-time-link';
import { LocalStore } from '@stroma/storage/local-store';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { type TestDatabase, withSchema } from '../database.ts';

export interface TestApi {
  api: Api;
  database: TestDatabase;
  folder: string;
  store: LocalStore;
  /** The local admin's session, as a browser on our own pages sends it. */
  browser: Record<string, string>;
  /** A request of that browser. */
  ask(options: InjectOptions | string): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export async function startApi(options: Partial<ApiOptions> = {}): Promise<TestApi> {
  const database = await withSchema();
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-api-'));
  const store = new LocalStore(path.join(folder, 'objects'));
  const api = await buildApi({
    connection: database.connection,
    store,
    uploadsFolder: path.join(folder, 'uploads'),
    secret: 'a secret of at least 32 characters',
    ...options,
  });
  const answer = await api.inject(await createOneTimeLink(database.connection));
  const cookie = answer.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
  const browser = { cookie, 'sec-fetch-site': 'same-origin' };
  return {
    api,
    database,
    folder,
    store,
    browser,
    ask(request) {
      const { headers, ...rest } = typeof request === 'string' ? { url: request, headers: {} } : request;
      return api.inject({ ...rest, headers: { ...browser, ...headers } });
    },
    async close() {
      await api.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
