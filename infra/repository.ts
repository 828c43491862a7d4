import path from 'node:path';

/** The checkout's root. */
export const repository = path.join(import.meta.dirname, '..');

export function inRepository(...parts: string[]): string {
  return path.join(repository, ...parts);
}
