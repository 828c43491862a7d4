import { lstat, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { postgresPackage } from '../postgres/binaries.ts';

/** An npm package cannot hold symbolic links; its install script makes them, unless npm was told to run no scripts. */
export async function linkPostgresLibraries(): Promise<string> {
  if (process.env.DATABASE_URL) return 'not needed, DATABASE_URL is set';
  const folder = postgresPackage();
  const list = await readFile(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  let made = 0;
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(folder, target);
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(path.relative(path.dirname(target), source), link);
    made += 1;
  }
  return made ? `${made} library links made` : 'present';
}
