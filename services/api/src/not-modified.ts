import type { FastifyReply, FastifyRequest } from 'fastify';

const yearS = 365 * 24 * 60 * 60;

/**
 * For bytes that never change under their address: sets ETag and caching, and tells whether the browser has them
 * already. Private, because what a person may see is not for a shared cache.
 */
export function notModified(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  const etag = `"${tag}"`;
  reply.header('etag', etag).header('cache-control', `private, max-age=${yearS}, immutable`);
  const known = request.headers['if-none-match'];
  if (!known?.split(/, */).some((each) => each === etag || each === `W/${etag}`)) return false;
  reply.code(304);
  return true;
}
