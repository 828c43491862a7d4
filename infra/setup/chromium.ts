import { existsSync } from 'node:fs';
import { StromaError } from '@stroma/core/errors';
import { runCommand } from '../process/run-command.ts';

/** The browser of the end-to-end tests. */
export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (file) => file && existsSync(file),
  );
}

export async function setUpChromium(): Promise<string> {
  if (chromiumPath()) return 'present';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new StromaError({
      code: 'setup.chromium',
      message: 'The end-to-end tests need Chromium.',
      expected: '/usr/bin/chromium, or CHROMIUM set to a browser',
      found: 'none',
      remedy: 'apt-get install chromium (as root), then npm test again.',
    });
  }
  const how = {
    purpose: 'Installing Chromium',
    remedy: 'Check that Debian’s packages are reached, or set CHROMIUM to a browser.',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  };
  await runCommand('apt-get', ['update', '-q'], how);
  await runCommand('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium'], how);
  return 'installed';
}
