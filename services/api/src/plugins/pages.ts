import proxy from '@fastify/http-proxy';
import { StromaError } from '@stroma/core/errors';
import { shared } from '../plugin.ts';
import { noSuchPath } from './errors.ts';

/** Everything that is not the api's comes from the web service, for those who are signed in. */
export const pages = shared<{ webUrl?: string }>('pages', ['access'], async (app, { webUrl }) => {
  app.all('/api/*', { config: { rule: 'signed-in' }, schema: { hide: true } }, (request, reply) =>
    reply.code(404).send({ error: noSuchPath(request) }),
  );
  if (!webUrl) return;
  await app.register(proxy, {
    upstream: webUrl,
    config: { rule: 'signed-in' },
    httpMethods: ['GET', 'HEAD'],
    disableRequestLogging: true,
    undici: { connections: 32, pipelining: 1, headersTimeout: 30_000 },
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => ({ ...headers, 'x-forwarded-host': request.headers.host ?? '' }),
      onError: (reply, { error }) => {
        const unreachable = new StromaError(
          {
            code: 'pages.unreachable',
            message: 'The page service does not answer yet.',
            expected: `pages from ${webUrl}`,
            found: error.message,
            remedy: 'Wait a moment and reload; if it stays, look at the log of the web service.',
          },
          502,
        );
        // The error comes from a socket, outside the request's promise: it is sent, not thrown.
        void reply.send(unreachable);
      },
    },
  });
});
