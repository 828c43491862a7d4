import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { required } from '@stroma/core/environment';
import { StromaError } from '@stroma/core/errors';

const service = 'the launcher';

/** Processes on this machine: 1 is the trainer itself, more are started by torchrun. */
export interface TrainerPlace {
  kind: 'machine';
  processes: number;
}

export interface LauncherEnvironment {
  databaseUrl: string;
  objects: string;
  /** Python of the trainer's environment. */
  python: string;
  /** Folder that holds the package stroma_trainer. */
  trainerFolder: string;
  /** Where trainers run (`STROMA_TRAINER`). */
  place: TrainerPlace;
  /** CPU threads of each of the trainer's processes; undefined = all cores. */
  trainerThreads: number | undefined;
  codeRevision: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): LauncherEnvironment {
  const place = trainerPlace(env.STROMA_TRAINER);
  return {
    databaseUrl: required(env, 'DATABASE_URL', service),
    objects: required(env, 'STROMA_OBJECTS', service),
    python: required(env, 'STROMA_PYTHON', service),
    trainerFolder: fileURLToPath(new URL('../../trainer/', import.meta.url)),
    place,
    trainerThreads: threads(env.STROMA_TRAINER_THREADS) ?? shareOfCores(place),
    codeRevision: env.STROMA_CODE_REVISION || 'unknown',
  };
}

/** `process` (or nothing) and `torchrun:N`. */
function trainerPlace(text: string | undefined): TrainerPlace {
  if (!text || text === 'process') return { kind: 'machine', processes: 1 };
  const processes = Number(/^torchrun:(\d{1,4})$/.exec(text)?.[1]);
  if (processes >= 1) return { kind: 'machine', processes };
  throw new StromaError({
    code: 'environment.wrong',
    message: 'STROMA_TRAINER names no place where a trainer can run.',
    expected: 'process or torchrun:N, N processes on this machine',
    found: text,
  });
}

/** All threads in every one of several processes would stand in each other's way. */
function shareOfCores({ processes }: TrainerPlace): number | undefined {
  return processes > 1 ? Math.max(1, Math.floor(availableParallelism() / processes)) : undefined;
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
