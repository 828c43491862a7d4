import { audit } from '@stroma/db/accounts';
import type { FastifyRequest } from 'fastify';
import type { Api } from '../api.ts';
import { authPath, clientAddressHeader } from '../auth/better-auth.ts';
import { localPath } from '../auth/same-origin.ts';
import { sendSignInPage } from '../auth/sign-in-page.ts';

const hidden = { hide: true } as const;

/** The only addresses that someone unknown can use. */
export async function signIn(app: Api): Promise<void> {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 8_192 },
    (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );

  app.get('/sign-in', { config: { rule: 'public' }, schema: hidden }, (request, reply) =>
    sendSignInPage(reply, { next: (request.query as Record<string, unknown>).next }),
  );

  app.post('/sign-in', { config: { rule: 'public' }, schema: hidden }, async (request, reply) => {
    const { email = '', password = '', next } = (request.body ?? {}) as Record<string, string>;
    const answer = await app.auth.handler(passwordRequest(request, email, password));
    if (answer.status !== 200) {
      const problem =
        answer.status === 429
          ? 'Too many attempts. Wait a minute, then try again.'
          : 'The e-mail and the password do not belong together.';
      return sendSignInPage(reply.code(answer.status === 429 ? 429 : 401), { next, email, problem });
    }
    const { userId } = (await answer.json()) as { userId: string };
    await audit(app.connection.db, { userId, action: 'session.opened', subject: `user:${userId}` });
    return reply.header('set-cookie', answer.headers.getSetCookie()).redirect(localPath(next), 303);
  });

  // A HEAD would use the link up.
  app.get(
    '/sign-in/once',
    { config: { rule: 'public' }, schema: hidden, exposeHeadRoute: false },
    async (request, reply) => {
      const { token, next } = request.query as Record<string, unknown>;
      const body = { token: typeof token === 'string' ? token : '' };
      const answer = await app.auth.api
        .signInOnce({ body, headers: clientHeaders(request), returnHeaders: true })
        .catch(() => undefined);
      if (!answer) {
        const problem = 'This link was used already or is older than an hour. Ask the server for a new one.';
        return sendSignInPage(reply.code(401), { next, problem });
      }
      const { userId } = answer.response;
      await audit(app.connection.db, { userId, action: 'sign-in-link.used', subject: `user:${userId}` });
      return reply.header('set-cookie', answer.headers.getSetCookie()).redirect(localPath(next), 303);
    },
  );
}

function passwordRequest(request: FastifyRequest, email: string, password: string): Request {
  const headers = clientHeaders(request);
  headers.set('content-type', 'application/json');
  const url = `${request.protocol}://${request.host}${authPath}/sign-in/password`;
  return new Request(url, { method: 'POST', headers, body: JSON.stringify({ email, password }) });
}

function clientHeaders(request: FastifyRequest): Headers {
  return new Headers({ [clientAddressHeader]: request.ip, 'user-agent': request.headers['user-agent'] ?? '' });
}
