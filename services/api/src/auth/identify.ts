import { createHash } from 'node:crypto';
import { type UserRow, userOfToken } from '@stroma/db/accounts';
import type { Connection } from '@stroma/db/client';
import type { Auth } from './better-auth.ts';

export interface Identity {
  user: UserRow;
  /** A token is not a person at a browser: it cannot change passwords or make tokens. */
  by: 'session' | 'token';
  /** Cookies to hand back when better-auth prolonged the session. */
  setCookies?: string[];
}

export interface Credentials {
  authorization?: string | undefined;
  cookie?: string | undefined;
}

export interface Identifier {
  identify(credentials: Credentials): Promise<Identity | undefined>;
  /** Makes a change of a user's sessions or tokens visible at once in this process. */
  forget(): void;
}

/** Tiles come by the hundred: a looked-up credential is trusted for this long. */
const trustedMs = 30_000;
const maxRemembered = 5_000;

export function tokenSha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function createIdentifier(auth: Auth, connection: Connection): Identifier {
  const remembered = new Map<string, { identity: Identity; until: number }>();

  async function lookUp({ authorization, cookie }: Credentials): Promise<Identity | undefined> {
    const bearer = /^Bearer (strm_[\w-]{20,100})$/.exec(authorization ?? '')?.[1];
    if (bearer) {
      const user = await userOfToken(connection.db, tokenSha256(bearer));
      return user && { user, by: 'token' };
    }
    if (authorization || !cookie) return undefined;
    const { headers, response } = await auth.api.getSession({ headers: new Headers({ cookie }), returnHeaders: true });
    if (!response) return undefined;
    const { id, name, email, role } = response.user;
    const user: UserRow = { id, name, email, role: role === 'admin' ? 'admin' : 'member' };
    return { user, by: 'session', setCookies: headers?.getSetCookie() ?? [] };
  }

  return {
    async identify(credentials) {
      const key = `${credentials.authorization ?? ''}\n${sessionPart(credentials.cookie)}`;
      const known = remembered.get(key);
      if (known && known.until > Date.now()) return known.identity;
      remembered.delete(key);
      const identity = await lookUp(credentials);
      if (identity) {
        const oldest = remembered.keys().next().value;
        if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
        const { setCookies: _, ...kept } = identity;
        remembered.set(key, { identity: kept, until: Date.now() + trustedMs });
      }
      return identity;
    },
    forget: () => remembered.clear(),
  };
}

/** Only our own cookies decide; a page's other cookies would make every request look new. */
function sessionPart(cookie = ''): string {
  return cookie
    .split(/; */)
    .filter((part) => /^(__Secure-)?stroma\./.test(part))
    .join('; ');
}
