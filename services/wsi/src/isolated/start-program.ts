import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { childEnvironment } from './child-environment.ts';
import { plainProgram } from './plain-program.ts';

const program = await plainProgram(path.join(import.meta.dirname, 'child-program.ts'));

/** Requests go to its standard input, answers come from descriptor 3. */
export function startProgram(): ChildProcess {
  return spawn(process.execPath, [program()], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: childEnvironment(),
  });
}
