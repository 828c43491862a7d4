import type { Problem } from '@stroma/core/errors';
import { RequestFailed } from './request-failed.ts';

const unreachable: Problem = {
  code: 'network',
  message: 'The server did not answer.',
  remedy: 'Check the connection and that Stroma is running, then retry.',
};

/** Fetches from the same origin; 401 leads to the sign-in page and back. */
export async function fetchAnswer(url: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new RequestFailed(unreachable, 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) {
    const here = `${window.location.pathname}${window.location.search}`;
    window.location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
  }
  throw new RequestFailed(await readProblem(answer), answer.status);
}

export async function fetchJson<T>(url: string, init?: RequestInit): Promise<T> {
  const answer = await fetchAnswer(url, init);
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

/** POST, PATCH or DELETE with a JSON body. */
export function send<T>(method: 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown, signal?: AbortSignal) {
  return fetchJson<T>(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal ? { signal } : {}),
  });
}

async function readProblem(answer: Response): Promise<Problem> {
  try {
    const { error } = (await answer.json()) as { error?: Problem };
    if (error?.message) return error;
  } catch {
    // Not JSON: a proxy's page.
  }
  return { code: `http.${answer.status}`, message: `The server answered ${answer.status} ${answer.statusText}.` };
}
