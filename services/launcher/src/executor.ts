import type { RunProgress } from '@stroma/core/http/job';

/** What the launcher asks of the place where a trainer runs. */
export interface TrainerStart {
  stage: string;
  runFolder: string;
  /** Names this holder of the run; grows with every claim. */
  fence: number;
  /** Why this is not the run's first start, in words; the trainer writes it into the run's log. */
  note: string | undefined;
  /** A line for the service's own log. */
  log(message: string): void;
  /** Tells those who look at the run what it waits for. */
  report(progress: RunProgress): void;
}

export interface TrainerEnd {
  /** 0 done, 1 an error told in events.jsonl, 75 stopped: start it again. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines of its standard error. */
  lastWords: string;
}

/** One life of a trainer. */
export interface Trainer {
  /** In words, for the log: `process 123`. */
  name: string;
  /** Rejects with a StromaError when the place itself is not to be had. */
  ended: Promise<TrainerEnd>;
  /** Asks for a checkpoint and the end, and ends it by force when it is still there after graceMs. */
  stop(graceMs: number): void;
  /** The launcher ends, the run does not: what can live without a launcher goes on, and is found again by the next. */
  leave(): void;
}

export interface Executor {
  start(start: TrainerStart): Trainer;
}

/** SIGTERM was heeded, or a rank was lost: go on from the last checkpoint (EX_TEMPFAIL). */
export const stoppedCode = 75;

/** The end of a text, where a program says what went wrong. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
