import { availableParallelism } from 'node:os';

/** Native calls at once in a child that reads slides. */
export const childThreads = Math.max(8, 2 * availableParallelism());

/** What a child that reads slides is told. No secrets: it reads files that strangers made. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG, LD_LIBRARY_PATH, STROMA_OPENSLIDE } = process.env;
  return { PATH, HOME, TMPDIR, LANG, LD_LIBRARY_PATH, STROMA_OPENSLIDE, UV_THREADPOOL_SIZE: String(childThreads) };
}
