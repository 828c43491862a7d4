import type { Connection } from '@stroma/db/client';
import { betterAuth } from 'better-auth';
import { signInEndpoints } from './sign-in-endpoints.ts';

export const authPath = '/api/auth';
const dayS = 24 * 60 * 60;

/**
 * Users, sessions and passwords. better-auth talks to the same pool through a Kysely of its own, without our
 * camelCase plugin, so every column is named here. Only sign-in and the calls made by our routes are reachable.
 */
export function createAuth(connection: Connection, secret: string) {
  return betterAuth({
    database: connection.pool,
    secret,
    basePath: authPath,
    // Who asks from where is checked by plugins/access.ts before better-auth sees a request.
    advanced: {
      cookiePrefix: 'stroma',
      disableCSRFCheck: true,
      disableOriginCheck: true,
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10 },
    rateLimit: {
      enabled: true,
      customRules: { '/sign-in/password': { window: 60, max: 5 } },
    },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [signInEndpoints],
    user: {
      modelName: 'app_user',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
      additionalFields: {
        role: { type: 'string', required: false, defaultValue: 'member', input: false },
      },
    },
    session: {
      expiresIn: 14 * dayS,
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    account: {
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: {
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
  });
}

/** Set by us from the socket's address, so that a client cannot choose the name it is rate-limited under. */
export const clientAddressHeader = 'x-stroma-client-address';

export type Auth = ReturnType<typeof createAuth>;
