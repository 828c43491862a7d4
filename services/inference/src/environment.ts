import { required } from '@stroma/core/environment';

const service = 'the inference service';

export interface InferenceEnvironment {
  databaseUrl: string;
  objects: string;
  /** Path of the unix socket of the internal API. */
  socket: string;
  codeRevision: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): InferenceEnvironment {
  return {
    databaseUrl: required(env, 'DATABASE_URL', service),
    objects: required(env, 'STROMA_OBJECTS', service),
    socket: required(env, 'STROMA_INFERENCE_SOCKET', service),
    codeRevision: env.STROMA_CODE_REVISION || 'unknown',
  };
}
