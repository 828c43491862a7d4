import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { childEnvironment } from './child-environment.ts';

const program = path.join(import.meta.dirname, 'child-program.ts');
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Requests go to its standard input, answers come from descriptor 3. */
export function startProgram(): ChildProcess {
  return spawn(process.execPath, ['--import', tsx, program], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: childEnvironment(),
  });
}
