import { createHash } from 'node:crypto';
import { StromaError } from '@stroma/core/errors';
import type { TokenAnswer } from '@stroma/core/http/account';

/** The public HTTP API, as a program with a token of its own uses it. */
export interface PortalClient {
  url: string;
  token: string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Reads a download to its end. */
  sha256(path: string): Promise<{ sha256: string; bytes: number }>;
}

/** Follows the one-time link as a browser would, then makes an API token with that session. */
export async function signIn(oneTimeLink: string, tokenName: string): Promise<PortalClient> {
  const url = new URL(oneTimeLink).origin;
  const answer = await fetch(oneTimeLink, { redirect: 'manual' });
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  if (!cookie) await refused('GET', oneTimeLink, answer);
  const made = await fetch(`${url}/api/tokens`, {
    method: 'POST',
    headers: { cookie, origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ name: tokenName }),
  });
  if (!made.ok) await refused('POST', '/api/tokens', made);
  return client(url, ((await made.json()) as TokenAnswer).token);
}

function client(url: string, token: string): PortalClient {
  const authorization = `Bearer ${token}`;
  async function ask(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) await refused(method, path, answer);
    return answer;
  }
  return {
    url,
    token,
    get: async <T>(path: string) => (await (await ask('GET', path)).json()) as T,
    post: async <T>(path: string, body: unknown) => (await (await ask('POST', path, body)).json()) as T,
    async sha256(path) {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of (await ask('GET', path)).body ?? []) {
        hash.update(chunk);
        bytes += chunk.length;
      }
      return { sha256: hash.digest('hex'), bytes };
    },
  };
}

async function refused(method: string, path: string, answer: Response): Promise<never> {
  const text = await answer.text();
  let problem: Record<string, string> | undefined;
  try {
    problem = (JSON.parse(text) as { error?: Record<string, string> }).error;
  } catch {
    // Not JSON: a proxy or a crash.
  }
  throw new StromaError({
    ...problem,
    code: problem?.code ?? 'http.refused',
    message: problem?.message ?? 'The api refused a request.',
    found: problem?.found ?? `${answer.status} ${text.slice(0, 300)}`,
    where: `${method} ${path}${problem?.where ? `, ${problem.where}` : ''}`,
  });
}
