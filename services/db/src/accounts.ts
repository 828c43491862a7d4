import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import type { DB } from './schema.ts';

export interface UserRow {
  id: string;
  name: string;
  email: string;
  role: 'admin' | 'member';
}

export interface AuditEntry {
  userId: string | null;
  /** What was done, e.g. `cohort.created`. */
  action: string;
  /** What it was done to, e.g. `cohort:7`. */
  subject: string;
  detail?: Record<string, unknown>;
}

export async function audit(db: Database | Transaction<DB>, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('auditEvent')
    .values({ ...entry, detail: JSON.stringify(entry.detail ?? {}) })
    .execute();
}

/** The first admin of an installation without users; two processes may start at once. */
export async function ensureLocalAdmin(db: Database): Promise<void> {
  await db
    .insertInto('appUser')
    .columns(['id', 'name', 'email', 'role'])
    .expression(
      db
        .selectNoFrom([
          sql<string>`${randomUUID()}`.as('id'),
          sql<string>`'Local admin'`.as('name'),
          sql<string>`'admin@localhost'`.as('email'),
          sql<string>`'admin'`.as('role'),
        ])
        .where((where) => where.not(where.exists(db.selectFrom('appUser').select('id')))),
    )
    .onConflict((conflict) => conflict.column('email').doNothing())
    .execute();
}

/** The oldest admin: the one a link on this machine signs in. */
export async function firstAdmin(db: Database): Promise<UserRow | undefined> {
  const row = await db
    .selectFrom('appUser')
    .select(['id', 'name', 'email', 'role'])
    .where('role', '=', 'admin')
    .orderBy('createdAt')
    .limit(1)
    .executeTakeFirst();
  return row as UserRow | undefined;
}

export async function storeVerification(
  db: Database,
  { identifier, value, lifeS }: { identifier: string; value: string; lifeS: number },
): Promise<void> {
  await db
    .insertInto('verification')
    .values({ id: randomUUID(), identifier, value, expiresAt: sql<Date>`now() + make_interval(secs => ${lifeS})` })
    .execute();
}

/** Ends every session of a user but one. */
export async function endOtherSessions(db: Database, userId: string, token: string): Promise<void> {
  await db.deleteFrom('session').where('userId', '=', userId).where('token', '<>', token).execute();
}

export async function createToken(
  db: Database | Transaction<DB>,
  token: { userId: string; name: string; tokenSha256: string },
) {
  return await db
    .insertInto('apiToken')
    .values(token)
    .returning(['id', 'name', 'createdAt', 'lastUsedAt'])
    .executeTakeFirstOrThrow();
}

export async function listTokens(db: Database, userId: string) {
  return await db
    .selectFrom('apiToken')
    .select(['id', 'name', 'createdAt', 'lastUsedAt'])
    .where('userId', '=', userId)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .execute();
}

/** True when there was such a token to revoke. */
export async function revokeToken(db: Database | Transaction<DB>, userId: string, id: number): Promise<boolean> {
  const row = await db
    .updateTable('apiToken')
    .set({ revokedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .where('userId', '=', userId)
    .where('revokedAt', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Whose token this is; notes once a minute that it is used. */
export async function userOfToken(db: Database, tokenSha256: string): Promise<UserRow | undefined> {
  const row = await db
    .selectFrom('apiToken')
    .innerJoin('appUser', 'appUser.id', 'apiToken.userId')
    .select(['appUser.id', 'appUser.name', 'appUser.email', 'appUser.role', 'apiToken.id as tokenId'])
    .select(sql<boolean>`coalesce(last_used_at > now() - interval '1 minute', false)`.as('noted'))
    .where('apiToken.tokenSha256', '=', tokenSha256)
    .where('apiToken.revokedAt', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  const { tokenId, noted, ...user } = row;
  if (!noted) {
    await db.updateTable('apiToken').set({ lastUsedAt: sql<Date>`now()` }).where('id', '=', tokenId).execute();
  }
  return user as UserRow;
}
