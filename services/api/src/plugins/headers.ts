import { shared } from '../plugin.ts';

/** A page may show pictures it made itself (heat maps, blobs); nothing may come from or be framed by elsewhere. */
const pagePolicy = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'";

export const headers = shared('headers', [], async (app) => {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': pagePolicy,
    });
  });
  // What a person may see is not kept by caches unless the route says so.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
});
