import { createHash } from 'node:crypto';
import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';

/** Only the SHA-256 of a link's token is stored: reading the table signs nobody in. */
export function oneTimeIdentifier(token: string): string {
  return `sign-in-once:${createHash('sha256').update(token).digest('hex')}`;
}

/** better-auth asks for a Standard Schema; these bodies are built by our own routes, which checked them. */
function checked<T>() {
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'stroma',
      validate: (value: unknown) => ({ value: value as T }),
      types: undefined as { input: T; output: T } | undefined,
    },
  };
}

/** Turns the token of a one-time link into a session. Called by our route only, never over HTTP. */
const signInOnce = createAuthEndpoint.serverOnly(
  { method: 'POST', body: checked<{ token: string }>() },
  async (context) => {
    const { internalAdapter } = context.context;
    const { token } = context.body;
    const verification = await internalAdapter.consumeVerificationValue(oneTimeIdentifier(token));
    const user = verification && (await internalAdapter.findUserById(verification.value));
    if (!user) throw new APIError('UNAUTHORIZED');
    const session = await internalAdapter.createSession(user.id);
    await setSessionCookie(context, { session, user });
    return context.json({ userId: user.id });
  },
);

/**
 * better-auth's own /sign-in/email takes no address without a dot, so it would refuse admin@localhost.
 * Same steps, same work for a user who does not exist, and the same rate limit.
 */
const passwordBody = checked<{ email: string; password: string }>();
const signInWithPassword = createAuthEndpoint(
  '/sign-in/password',
  { method: 'POST', body: passwordBody },
  async (context) => {
    const { internalAdapter, password: passwords } = context.context;
    const { email, password } = context.body;
    const found = await internalAdapter.findUserByEmail(email.toLowerCase(), { includeAccounts: true });
    const stored = found?.accounts.find((account) => account.providerId === 'credential')?.password;
    if (!found || !stored) {
      await passwords.hash(password);
      throw new APIError('UNAUTHORIZED');
    }
    if (!(await passwords.verify({ hash: stored, password }))) throw new APIError('UNAUTHORIZED');
    const session = await internalAdapter.createSession(found.user.id);
    await setSessionCookie(context, { session, user: found.user });
    return context.json({ userId: found.user.id });
  },
);

export const signInEndpoints = { id: 'stroma-sign-in', endpoints: { signInOnce, signInWithPassword } };
