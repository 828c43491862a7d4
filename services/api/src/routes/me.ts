import { randomBytes } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { Me, TokenAnswer, TokenList, type TokenMessage, TokenRequest } from '@stroma/core/http/account';
import { audit, createToken, endOtherSessions, listTokens, revokeToken } from '@stroma/db/accounts';
import type { Api } from '../api.ts';
import { tokenSha256 } from '../auth/identify.ts';
import { sessionOnly } from '../plugins/access.ts';

const PasswordChange = Type.Object({
  password: Type.String({ minLength: 10, maxLength: 128 }),
  /** Needed once a password is set. */
  current: Type.Optional(Type.String({ maxLength: 128 })),
});
const Done = Type.Null();
const config = { rule: 'signed-in' } as const;

export async function me(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get('/api/me', { config, schema: { response: { 200: Me } } }, async (request) => request.user);

  app.post(
    '/api/me/password',
    { config, preHandler: sessionOnly, schema: { body: PasswordChange, response: { 204: Done } } },
    async (request, reply) => {
      const { internalAdapter, password: passwords } = await app.auth.$context;
      const { user, body } = request;
      const accounts = await internalAdapter.findAccounts(user.id);
      const stored = accounts.find((account) => account.providerId === 'credential')?.password;
      if (stored && !(await passwords.verify({ hash: stored, password: body.current ?? '' }))) throw wrongPassword();
      const password = await passwords.hash(body.password);
      if (stored) await internalAdapter.updatePassword(user.id, password);
      else
        await internalAdapter.linkAccount({ userId: user.id, accountId: user.id, providerId: 'credential', password });
      const here = await app.auth.api.getSession({ headers: new Headers({ cookie: request.headers.cookie ?? '' }) });
      await endOtherSessions(db, user.id, here?.session.token ?? '');
      app.identifier.forget();
      await audit(db, { userId: user.id, action: 'password.set', subject: `user:${user.id}` });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/auth/sign-out',
    { config, preHandler: sessionOnly, schema: { response: { 204: Done } } },
    async (request, reply) => {
      const { headers } = await app.auth.api.signOut({
        headers: new Headers({ cookie: request.headers.cookie ?? '' }),
        returnHeaders: true,
      });
      app.identifier.forget();
      return reply.header('set-cookie', headers.getSetCookie()).code(204).send(null);
    },
  );

  app.get('/api/tokens', { config, schema: { response: { 200: TokenList } } }, async (request) => ({
    tokens: (await listTokens(db, request.user.id)).map(tokenMessage),
  }));

  app.post(
    '/api/tokens',
    { config, preHandler: sessionOnly, schema: { body: TokenRequest, response: { 201: TokenAnswer } } },
    async (request, reply) => {
      const token = `strm_${randomBytes(32).toString('base64url')}`;
      const userId = request.user.id;
      const row = await db.transaction().execute(async (tx) => {
        const created = await createToken(tx, { userId, name: request.body.name, tokenSha256: tokenSha256(token) });
        await audit(tx, {
          userId,
          action: 'token.created',
          subject: `token:${created.id}`,
          detail: { name: created.name },
        });
        return created;
      });
      return reply.code(201).send({ ...tokenMessage(row), token });
    },
  );

  app.delete(
    '/api/tokens/:id',
    {
      config,
      preHandler: sessionOnly,
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 204: Done } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const userId = request.user.id;
      await db.transaction().execute(async (tx) => {
        if (!(await revokeToken(tx, userId, id))) throw noToken(id);
        await audit(tx, { userId, action: 'token.revoked', subject: `token:${id}` });
      });
      app.identifier.forget();
      return reply.code(204).send(null);
    },
  );
}

function tokenMessage(row: { id: number; name: string; createdAt: Date; lastUsedAt: Date | null }): TokenMessage {
  const { id, name, createdAt, lastUsedAt } = row;
  return { id, name, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}

function wrongPassword(): StromaError {
  return new StromaError(
    {
      code: 'password.current',
      message: 'The current password is not right; nothing was changed.',
      where: 'body.current',
      remedy: 'Type the password you signed in with.',
    },
    403,
  );
}

function noToken(id: number): StromaError {
  return new StromaError({ code: 'token.unknown', message: 'You have no such token.', found: `token ${id}` }, 404);
}
