import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';

export interface TrainerStart {
  python: string;
  /** Folder that holds the package stroma_trainer. */
  trainerFolder: string;
  stage: string;
  runFolder: string;
  threads: number | undefined;
}

export interface TrainerEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines of its standard error. */
  lastWords: string;
}

export interface Trainer {
  pid: number | undefined;
  ended: Promise<TrainerEnd>;
  /** SIGTERM, then SIGKILL when it is still there after graceMs. */
  stop(graceMs: number): void;
}

/** SIGTERM was heeded: the checkpoint is written (EX_TEMPFAIL). */
export const stoppedCode = 75;
const lastWordsLength = 4_000;

/** Starts the trainer on a run directory. Its standard input stays open: when it closes, the trainer ends itself. */
export function startTrainer({ python, trainerFolder, stage, runFolder, threads }: TrainerStart): Trainer {
  const child = spawn(python, ['-m', 'stroma_trainer', stage, '--run', runFolder], {
    cwd: trainerFolder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: trainerFolder,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      ...(threads ? { OMP_NUM_THREADS: String(threads) } : {}),
    },
  });
  const log = createWriteStream(path.join(runFolder, 'trainer.log'), { flags: 'a' });
  // The log is for people; a full disk must not end the launcher.
  log.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  let lastWords = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8');
    output.on('data', (text: string) => {
      log.write(text);
      if (output === child.stderr) lastWords = (lastWords + text).slice(-lastWordsLength);
    });
  }
  const ended = new Promise<TrainerEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, lastWords: String(error) }));
    child.once('close', (code, signal) => resolve({ code, signal, lastWords: lastLines(lastWords, 12) }));
  }).finally(() => log.end());
  return { pid: child.pid, ended, stop: (graceMs) => stop(child, ended, graceMs) };
}

function stop(child: ChildProcess, ended: Promise<TrainerEnd>, graceMs: number): void {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  void ended.finally(() => clearTimeout(kill));
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
