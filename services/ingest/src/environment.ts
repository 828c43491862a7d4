import path from 'node:path';
import { StromaError } from '@stroma/core/errors';

export interface IngestEnvironment {
  databaseUrl: string;
  objects: string;
  /** Folder of finished upload files. */
  uploads: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): IngestEnvironment {
  return {
    databaseUrl: required(env, 'DATABASE_URL'),
    objects: required(env, 'STROMA_OBJECTS'),
    uploads: path.resolve(required(env, 'STROMA_UPLOADS')),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new StromaError({
    code: 'environment.missing',
    message: `${name} is not set.`,
    where: 'environment of the ingest worker',
    remedy: 'Start the services with npm start, which sets it.',
  });
}
