import { shared } from '../plugin.ts';

/** A page may show pictures it made itself (heat maps, blobs); nothing may come from or be framed by elsewhere. */
const pagePolicy = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'";

const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': pagePolicy,
};

// Callbacks, here and in the other hooks that every request passes: a promise more a hook is felt in tiles a second.
export const headers = shared('headers', [], async (app) => {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(always);
    done();
  });
  // What a person may see is not kept by caches unless the route says so.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    done(null, payload);
  });
});
