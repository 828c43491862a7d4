import { StromaError } from '@stroma/core/errors';
import type { UserRow } from '@stroma/db/accounts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Auth, createAuth } from '../auth/better-auth.ts';
import { createIdentifier, type Identifier, type Identity } from '../auth/identify.ts';
import { isSameOrigin } from '../auth/same-origin.ts';
import { sendSignInPage } from '../auth/sign-in-page.ts';
import { shared } from '../plugin.ts';

export type Rule = 'public' | 'signed-in' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. There is no default: a route without a rule stops the start. */
    rule?: Rule;
  }
  interface FastifyInstance {
    auth: Auth;
    identifier: Identifier;
    /** Every route with its rule, in the order of registration. */
    rules: { method: string; url: string; rule: Rule }[];
  }
  interface FastifyRequest {
    user: UserRow;
    identifiedBy: 'session' | 'token';
  }
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

export const access = shared<{ secret: string }>('access', ['connection', 'errors'], async (app, { secret }) => {
  const auth = createAuth(app.connection, secret);
  const identifier = createIdentifier(auth, app.connection);
  app.decorate('auth', auth);
  app.decorate('identifier', identifier);
  app.decorateRequest('user', null as unknown as UserRow);
  app.decorateRequest('identifiedBy', 'session');

  app.decorate('rules', []);
  app.addHook('onRoute', ({ method, url, config }) => {
    const rule = config?.rule;
    if (!rule) throw new Error(`${method} ${url} has no rule: public, signed-in or admin`);
    for (const each of [method].flat()) app.rules.push({ method: each, url, rule });
  });

  app.addHook('onRequest', (request, reply, done) => {
    const { authorization, cookie } = request.headers;
    // A cookie is sent by the browser whoever wrote the page; a bearer token is not.
    if (!reads.has(request.method) && !authorization && !isSameOrigin(request.headers)) {
      return done(crossOrigin(request));
    }
    // Unknown paths have no rule: they answer 404 to those who are signed in only.
    const rule = request.routeOptions.config?.rule ?? 'signed-in';
    if (rule === 'public') return done();
    const known = identifier.known({ authorization, cookie });
    if (known) return done(admit(known, request, reply));
    identifier.identify({ authorization, cookie }).then((identity) => {
      if (identity) done(admit(identity, request, reply));
      else refuse(request, reply);
    }, done);
  });
});

/** Undefined when the route is open to them. */
function admit(identity: Identity, request: FastifyRequest, reply: FastifyReply): StromaError | undefined {
  for (const value of identity.setCookies ?? []) reply.header('set-cookie', value);
  request.user = identity.user;
  request.identifiedBy = identity.by;
  const adminOnly = request.routeOptions.config?.rule === 'admin';
  return adminOnly && identity.user.role !== 'admin' ? notAllowed() : undefined;
}

/** For routes that a token may not call. */
export async function sessionOnly(request: FastifyRequest): Promise<void> {
  if (request.identifiedBy === 'session') return;
  throw new StromaError(
    {
      code: 'access.session',
      message: 'An API token cannot do this.',
      expected: 'a browser session',
      found: 'a bearer token',
      remedy: 'Sign in at /sign-in and do it there.',
    },
    403,
  );
}

function refuse(request: FastifyRequest, reply: FastifyReply) {
  reply.code(401);
  const wantsPage = request.method === 'GET' && request.headers.accept?.includes('text/html');
  if (wantsPage && !request.url.startsWith('/api/')) return sendSignInPage(reply, { next: request.url });
  reply.header('www-authenticate', 'Bearer');
  return reply.send({
    error: {
      code: 'access.unknown',
      message: 'You are not signed in.',
      remedy: 'Sign in at /sign-in, or send a token.',
    },
  });
}

function notAllowed(): StromaError {
  return new StromaError(
    {
      code: 'access.role',
      message: 'Only an admin may do this.',
      expected: 'role admin',
      found: 'role member',
      remedy: 'Ask an admin to do it, or to make you one.',
    },
    403,
  );
}

function crossOrigin(request: FastifyRequest): StromaError {
  return new StromaError(
    {
      code: 'access.origin',
      message: 'The request does not come from a page of this server.',
      expected: `an Origin of ${request.host}`,
      found: request.headers.origin ?? 'no Origin header',
      remedy: 'Use the portal, or send an API token instead of a cookie.',
    },
    403,
  );
}
