import { StromaError } from '@stroma/core/errors';

export interface Environment {
  host: string;
  port: number;
  databaseUrl: string;
  objects: string;
  uploadsFolder: string;
  secret: string;
  webUrl?: string;
  inferenceSocket?: string;
  codeRevision: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const port = Number(env.PORT ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw unusable('PORT', '0 to 65535', String(env.PORT));
  const secret = required(env, 'STROMA_SECRET', 'at least 32 random characters');
  if (secret.length < 32) throw unusable('STROMA_SECRET', 'at least 32 random characters', `${secret.length} of them`);
  return {
    host: env.HOST ?? '127.0.0.1',
    port,
    databaseUrl: required(env, 'DATABASE_URL', 'postgresql://user@host/database'),
    objects: required(env, 'STROMA_OBJECTS', 'a URI such as file:///var/lib/stroma/objects'),
    uploadsFolder: required(env, 'STROMA_UPLOADS', 'a folder on the same file system as the objects'),
    secret,
    ...(env.STROMA_WEB_URL ? { webUrl: env.STROMA_WEB_URL } : {}),
    ...(env.STROMA_INFERENCE_SOCKET ? { inferenceSocket: env.STROMA_INFERENCE_SOCKET } : {}),
    codeRevision: env.STROMA_CODE_REVISION ?? 'unknown',
  };
}

function required(env: NodeJS.ProcessEnv, name: string, expected: string): string {
  const value = env[name];
  if (!value) throw unusable(name, expected, 'nothing');
  return value;
}

function unusable(name: string, expected: string, found: string): StromaError {
  return new StromaError({
    code: 'api.environment',
    message: `The api cannot start: ${name} is not usable.`,
    expected,
    found,
    where: name,
    remedy: `Set ${name}, or start with npm start, which sets every variable.`,
  });
}
