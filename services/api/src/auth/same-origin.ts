import type { IncomingHttpHeaders } from 'node:http';

/** Browsers say where a request comes from; a request that says nothing is not taken for one of our pages. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site) return site === 'same-origin';
  if (!headers.origin) return false;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

/** A place on this server to go on to; anything else becomes the first page. */
export function localPath(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next) || /[\\\p{Cc}]/u.test(next)) return '/';
  return next.startsWith('/sign-in') ? '/' : next;
}
