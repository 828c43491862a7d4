import { readFile, writeFile } from 'node:fs/promises';
import { contentHash } from '../process/content-hash.ts';
import { runCommand } from '../process/run-command.ts';
import { inRepository } from '../repository.ts';

const stamp = inRepository('web', '.next', 'stroma-sources');
export const nextCommand = inRepository('node_modules', 'next', 'dist', 'bin', 'next');

async function sourcesHash(): Promise<string> {
  const roots = [inRepository('web'), inRepository('services', 'core', 'src'), inRepository('package-lock.json')];
  return await contentHash(roots, ['.next', 'node_modules', 'next-env.d.ts']);
}

export async function webIsBuilt(): Promise<boolean> {
  return (await readFile(stamp, 'utf8').catch(() => '')) === (await sourcesHash());
}

/** Builds the portal when its sources, core's or the packages changed since the last build. */
export async function buildWeb(): Promise<string> {
  if (await webIsBuilt()) return 'present';
  const sources = await sourcesHash();
  await runCommand(process.execPath, [nextCommand, 'build'], {
    cwd: inRepository('web'),
    env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    purpose: 'Building the portal',
    remedy: 'The lines above name the page; npm run types finds most causes.',
  });
  await writeFile(stamp, sources);
  return 'built';
}
