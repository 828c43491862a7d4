import { fileURLToPath } from 'node:url';
import { required } from '@stroma/core/environment';
import { StromaError } from '@stroma/core/errors';

const service = 'the launcher';

export interface LauncherEnvironment {
  databaseUrl: string;
  objects: string;
  /** Python of the trainer's environment. */
  python: string;
  /** Folder that holds the package stroma_trainer. */
  trainerFolder: string;
  /** CPU threads of the trainer; undefined = all cores. */
  trainerThreads: number | undefined;
  codeRevision: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): LauncherEnvironment {
  return {
    databaseUrl: required(env, 'DATABASE_URL', service),
    objects: required(env, 'STROMA_OBJECTS', service),
    python: required(env, 'STROMA_PYTHON', service),
    trainerFolder: fileURLToPath(new URL('../../trainer/', import.meta.url)),
    trainerThreads: threads(env.STROMA_TRAINER_THREADS),
    codeRevision: env.STROMA_CODE_REVISION || 'unknown',
  };
}

function threads(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new StromaError({
    code: 'environment.wrong',
    message: 'STROMA_TRAINER_THREADS is not a number of threads.',
    expected: 'a whole number of at least 1',
    found: text,
  });
}
