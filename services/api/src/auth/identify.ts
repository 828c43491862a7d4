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
  /** Who this is, where it was looked up a moment ago. */
  known(credentials: Credentials): Identity | undefined;
  identify(credentials: Credentials): Promise<Identity | undefined>;
  /** Makes a change of a user's sessions or tokens visible at once in this process. */
  forget(): void;
}

/**
 * Tiles come by the hundred: a looked-up credential is trusted for this long. What another process revokes is refused
 * after a second at the latest.
 */
const trustedMs = 1_000;
const maxRemembered = 5_000;

export function tokenSha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function createIdentifier(auth: Auth, connection: Connection): Identifier {
  let remembered = new Map<string, { identity: Identity; until: number }>();
  let underWay = new Map<string, Promise<Identity | undefined>>();

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

  async function lookUpAndRemember(key: string, credentials: Credentials): Promise<Identity | undefined> {
    // A forget() meanwhile leaves these two behind: what was read before it is not remembered after it.
    const [memory, asking] = [remembered, underWay];
    const askedAt = Date.now();
    try {
      const identity = await lookUp(credentials);
      memory.delete(key);
      if (!identity) return undefined;
      const oldest = memory.keys().next().value;
      if (memory.size >= maxRemembered && oldest !== undefined) memory.delete(oldest);
      const { setCookies: _, ...kept } = identity;
      memory.set(key, { identity: kept, until: askedAt + trustedMs });
      return identity;
    } finally {
      asking.delete(key);
    }
  }

  return {
    known(credentials) {
      const found = remembered.get(keyOf(credentials));
      return found && found.until > Date.now() ? found.identity : undefined;
    },
    async identify(credentials) {
      const key = keyOf(credentials);
      const asked = underWay.get(key) ?? lookUpAndRemember(key, credentials);
      underWay.set(key, asked);
      return await asked;
    },
    forget() {
      remembered = new Map();
      underWay = new Map();
    },
  };
}

function keyOf({ authorization, cookie }: Credentials): string {
  return `${authorization ?? ''}\n${sessionPart(cookie)}`;
}

/** Only our own cookies decide; a page's other cookies would make every request look new. */
function sessionPart(cookie = ''): string {
  return cookie
    .split(/; */)
    .filter((part) => /^(__Secure-)?stroma\./.test(part))
    .join('; ');
}
