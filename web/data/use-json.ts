import useSWR, { type SWRConfiguration, type SWRResponse } from 'swr';
import { fetchJson } from './fetch-json.ts';
import type { RequestFailed } from './request-failed.ts';

export type JsonAnswer<T> = SWRResponse<T, RequestFailed>;

/** What the server says at this URL, kept fresh; null asks nothing. */
export function useJson<T>(url: string | null, options?: SWRConfiguration<T, RequestFailed>): JsonAnswer<T> {
  return useSWR<T, RequestFailed>(url, fetchJson, {
    shouldRetryOnError: (error: RequestFailed) => error.status === 0 || error.status >= 500,
    ...options,
  });
}
