import path from 'node:path';
import { required } from '@stroma/core/environment';

const service = 'the ingest worker';

export interface IngestEnvironment {
  databaseUrl: string;
  objects: string;
  /** Folder of finished upload files. */
  uploads: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): IngestEnvironment {
  return {
    databaseUrl: required(env, 'DATABASE_URL', service),
    objects: required(env, 'STROMA_OBJECTS', service),
    uploads: path.resolve(required(env, 'STROMA_UPLOADS', service)),
  };
}
