import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { StromaError } from '@stroma/core/errors';
import { ensureLocalAdmin, firstAdmin, storeVerification } from '@stroma/db/accounts';
import { type Connection, connect } from '@stroma/db/client';
import { oneTimeIdentifier } from './auth/sign-in-endpoints.ts';

const lifeS = 60 * 60;

/** Path of a link that signs the first admin in, once, within an hour. */
export async function createOneTimeLink(connection: Connection): Promise<string> {
  await ensureLocalAdmin(connection.db);
  const admin = await firstAdmin(connection.db);
  if (!admin) {
    throw new StromaError({
      code: 'sign-in.no-admin',
      message: 'No link was made: there is no admin to sign in.',
      remedy: 'Give one user the role admin in the table app_user.',
    });
  }
  const token = randomBytes(32).toString('base64url');
  await storeVerification(connection.db, { identifier: oneTimeIdentifier(token), value: admin.id, lifeS });
  return `/sign-in/once?token=${token}`;
}

// Run as a program, it prints the path: DATABASE_URL=… npx tsx services/api/src/one-time-link.ts
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const connection = connect(process.env.DATABASE_URL ?? '', { maxConnections: 1 });
  try {
    console.log(await createOneTimeLink(connection));
  } finally {
    await connection.close();
  }
}
