import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { type Executor, lastLines, type TrainerEnd, type TrainerStart } from './executor.ts';

export interface ProcessExecutorOptions {
  python: string;
  /** Folder that holds the package stroma_trainer. */
  trainerFolder: string;
  /** CPU threads of each process; undefined = all cores. */
  threads: number | undefined;
  /** Ranks on this machine; 1 is the trainer itself, more are started by torchrun. */
  processes: number;
}

const lastWordsLength = 4_000;
/** A launcher that ends has 7 s itself. */
const leaveMs = 6_000;
/** Ranks whose head has died end by themselves within 30 s (GRACE_S of the trainer). */
const orphanMs = 35_000;

/** Starts trainers on this machine. Their standard input stays open: when it closes, they end themselves. */
export function processExecutor(options: ProcessExecutorOptions): Executor {
  return {
    start(start) {
      const child = spawnTrainer(options, start);
      const ended = endOf(child, start.runFolder);
      const stop = (graceMs: number) => {
        child.kill('SIGTERM');
        const kill = setTimeout(() => killGroup(child), graceMs);
        void ended.finally(() => clearTimeout(kill));
      };
      return { name: `process ${child.pid ?? '–'}`, ended, stop, leave: () => stop(leaveMs) };
    },
  };
}

function spawnTrainer(options: ProcessExecutorOptions, { stage, runFolder, note }: TrainerStart): ChildProcess {
  const { python, trainerFolder, threads, processes } = options;
  const command =
    processes === 1
      ? ['stroma_trainer', stage, '--run', runFolder]
      : ['stroma_trainer.on_torchrun', stage, '--run', runFolder, '--processes', String(processes)];
  return spawn(python, ['-m', ...command], {
    cwd: trainerFolder,
    stdio: ['pipe', 'pipe', 'pipe'],
    // The head of a group: whatever it leaves behind is ended with it.
    detached: true,
    env: {
      ...process.env,
      PYTHONPATH: trainerFolder,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      ...(threads ? { OMP_NUM_THREADS: String(threads) } : {}),
      ...(note ? { STROMA_RUN_NOTE: note } : {}),
    },
  });
}

function endOf(child: ChildProcess, runFolder: string): Promise<TrainerEnd> {
  const log = createWriteStream(path.join(runFolder, 'trainer.log'), { flags: 'a' });
  // The log is for people; a full disk must not end the launcher.
  log.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  let lastWords = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8');
    output?.on('data', (text: string) => {
      log.write(text);
      if (output === child.stderr) lastWords = (lastWords + text).slice(-lastWordsLength);
    });
  }
  return new Promise<TrainerEnd>((resolve) => {
    let orphans: NodeJS.Timeout | undefined;
    child.once('error', (error) => resolve({ code: null, signal: null, lastWords: String(error) }));
    child.once('exit', () => {
      orphans = setTimeout(() => killGroup(child), orphanMs);
    });
    // Only now have its ranks, which share its output, ended as well.
    child.once('close', (code, signal) => {
      clearTimeout(orphans);
      resolve({ code, signal, lastWords: lastLines(lastWords, 12) });
    });
  }).finally(() => log.end());
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is empty.
  }
}
