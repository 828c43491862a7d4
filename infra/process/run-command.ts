import { spawn } from 'node:child_process';
import { StromaError } from '@stroma/core/errors';

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Said when it fails. */
  purpose: string;
  remedy: string;
}

/** Runs a command to its end and returns what it printed; a failure carries its last lines. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? '' : signal ? `killed by ${signal}` : `exit code ${code}`),
    );
  });
  if (how) {
    const last = output.trimEnd().split('\n').slice(-15).join('\n    ');
    throw new StromaError({
      code: 'command.failed',
      message: `${options.purpose} failed.`,
      where: [command, ...args].join(' '),
      expected: 'exit code 0',
      found: `${how}\n    ${last}`,
      remedy: options.remedy,
    });
  }
  return output;
}
