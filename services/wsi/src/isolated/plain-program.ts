import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';

/** Our own code goes into the program; packages are loaded from where they are. */
const packagesStay: Plugin = {
  name: 'packages-stay',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path: name, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked' || kind === 'entry-point' || name.startsWith('@stroma/')) return undefined;
      if (name.startsWith('node:')) return { path: name, external: true };
      const found = await resolve(name, { resolveDir, kind, pluginData: 'asked' });
      return found.errors.length ? found : { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

/** esbuild's own process ends with the last build that needs it. */
let building = 0;

/**
 * A child process's program in TypeScript, as one JavaScript file that Node starts by itself: tsx would cost every child
 * 33 MB and half a second. The file lasts as long as this process, and is written again when a cleaner has taken it.
 */
export async function plainProgram(source: string): Promise<() => string> {
  building += 1;
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    plugins: [packagesStay],
  });
  building -= 1;
  if (building === 0) await stop();
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const folder = mkdtempSync(path.join(tmpdir(), 'stroma-child-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, `${path.basename(source, '.ts')}.mjs`);
  return () => {
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, code, { mode: 0o600 });
    }
    return file;
  };
}
