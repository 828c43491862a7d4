import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { required } from '@stroma/core/environment';
import { StromaError } from '@stroma/core/errors';

const service = 'the launcher';

export type TrainerPlace =
  /** Processes on this machine: 1 is the trainer itself, more are started by torchrun. */
  | { kind: 'machine'; processes: number }
  /** A Ray cluster; `python` is the interpreter on its nodes. */
  | { kind: 'ray'; workers: number; url: string; headers: Record<string, string>; python: string };

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
  const place = trainerPlace(env);
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

/** `process` (or nothing), `torchrun:N` and `ray:N`. */
function trainerPlace(env: NodeJS.ProcessEnv): TrainerPlace {
  const text = env.STROMA_TRAINER || 'process';
  if (text === 'process') return { kind: 'machine', processes: 1 };
  const [, kind, digits] = /^(torchrun|ray):(\d{1,4})$/.exec(text) ?? [];
  const count = Number(digits);
  if (kind === 'torchrun' && count >= 1) return { kind: 'machine', processes: count };
  if (kind === 'ray' && count >= 1) {
    const url = required(env, 'STROMA_RAY_URL', 'the launcher, with STROMA_TRAINER=ray:N').replace(/\/+$/, '');
    const headers = rayHeaders(env.STROMA_RAY_HEADERS);
    return { kind: 'ray', workers: count, url, headers, python: env.STROMA_RAY_PYTHON || 'python' };
  }
  throw new StromaError({
    code: 'environment.wrong',
    message: 'STROMA_TRAINER names no place where a trainer can run.',
    expected: 'process; torchrun:N, N processes on this machine; or ray:N, at most N workers of a Ray cluster',
    found: text,
  });
}

function rayHeaders(text: string | undefined): Record<string, string> {
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (value && typeof value === 'object' && Object.values(value).every((item) => typeof item === 'string')) {
      return value as Record<string, string>;
    }
  } catch {
    // Not JSON: refused below.
  }
  // What was found may be a secret.
  throw new StromaError({
    code: 'environment.wrong',
    message: 'STROMA_RAY_HEADERS is no list of HTTP headers.',
    expected: 'a JSON object of texts, e.g. {"Authorization": "Bearer …"}',
  });
}

/** All threads in every one of several processes would stand in each other's way. */
function shareOfCores(place: TrainerPlace): number | undefined {
  if (place.kind === 'ray' || place.processes === 1) return undefined;
  return Math.max(1, Math.floor(availableParallelism() / place.processes));
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
