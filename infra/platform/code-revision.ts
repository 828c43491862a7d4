import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inRepository, repository } from '../repository.ts';

const run = promisify(execFile);

/** The commit, with `+` when files differ from it; the package's version where there is no git. */
export async function codeRevision(): Promise<string> {
  try {
    const { stdout: commit } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: repository });
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--untracked-files=no'], {
      cwd: repository,
    });
    return commit.trim() + (changes.trim() ? '+' : '');
  } catch {
    const { version } = JSON.parse(await readFile(inRepository('package.json'), 'utf8')) as { version: string };
    return `v${version}`;
  }
}
