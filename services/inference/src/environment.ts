import { StromaError } from '@stroma/core/errors';

export interface InferenceEnvironment {
  databaseUrl: string;
  objects: string;
  /** Path of the unix socket of the internal API. */
  socket: string;
  codeRevision: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): InferenceEnvironment {
  return {
    databaseUrl: required(env, 'DATABASE_URL'),
    objects: required(env, 'STROMA_OBJECTS'),
    socket: required(env, 'STROMA_INFERENCE_SOCKET'),
    codeRevision: env.STROMA_CODE_REVISION || 'unknown',
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new StromaError({
    code: 'environment.missing',
    message: `${name} is not set.`,
    where: 'environment of the inference service',
    remedy: 'Start the services with npm start, which sets it.',
  });
}
