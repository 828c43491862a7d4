import useSWR, { type SWRConfiguration, type SWRResponse } from 'swr';
import { fetchJson } from './fetch-json.ts';
import type { RequestFailed } from './request-failed.ts';

export interface JsonAnswer<T> extends SWRResponse<T, RequestFailed> {
  /** When this URL last answered; undefined when it never did, or what is asked is more than a URL. */
  answeredAt?: Date | undefined;
}

const answeredAt = new Map<string, Date>();

async function askJson<T>(url: string): Promise<T> {
  const answer = await fetchJson<T>(url);
  answeredAt.set(url, new Date());
  return answer;
}

/** What the server says at this URL, kept fresh; null asks nothing. */
export function useJson<T>(url: string | null, options?: SWRConfiguration<T, RequestFailed>): JsonAnswer<T> {
  const answer = useSWR<T, RequestFailed>(url, askJson, {
    shouldRetryOnError: (error: RequestFailed) => error.status === 0 || error.status >= 500,
    ...options,
  });
  // Not spread: each of its properties that is read is one more reason to draw again.
  return Object.assign(answer, { answeredAt: url === null ? undefined : answeredAt.get(url) });
}
