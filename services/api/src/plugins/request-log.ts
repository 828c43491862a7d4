import { shared } from '../plugin.ts';

const slowMs = 1_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Uploads, downloads and event streams are long by nature. */
    long?: boolean;
  }
}

/** One line for a request that failed here or was slow; the others are not logged. */
export const requestLog = shared('request-log', [], async (app) => {
  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime);
    const slow = ms > slowMs && !request.routeOptions.config.long;
    if (slow || reply.statusCode >= 500) {
      const path = request.url.split('?')[0];
      request.log.warn({ ms, status: reply.statusCode }, `${request.method} ${path} ${slow ? 'was slow' : 'failed'}`);
    }
    done();
  });
});
