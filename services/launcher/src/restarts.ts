import { stat } from 'node:fs/promises';
import path from 'node:path';
import { stoppedCode, type TrainerEnd } from './executor.ts';
import { interruptedProblem } from './failure.ts';

/** In a row without a new checkpoint; a run that gets on, however often it is interrupted, comes to its end. */
const maxFruitless = 4;

/** Counts how often a run was interrupted from outside, and knows when starting it again has no use. */
export class Restarts {
  readonly #folder: string;
  #interruptions = 0;
  #fruitless = 0;
  #checkpoint: number | undefined;
  /** Why the next start is not the first one. */
  note: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether the trainer may be started again after this end; throws when it came no further too often. */
  async after(end: TrainerEnd, logFile: string): Promise<boolean> {
    const how = interruption(end);
    if (!how) return false;
    const checkpoint = await timeOf(path.join(this.#folder, 'checkpoint.pt'));
    this.#interruptions += 1;
    this.#fruitless = checkpoint === this.#checkpoint ? this.#fruitless + 1 : 1;
    this.#checkpoint = checkpoint;
    if (this.#fruitless >= maxFruitless) throw interruptedProblem(this.#fruitless, how, logFile);
    const from = checkpoint === undefined ? 'the beginning' : 'its last checkpoint';
    this.note = `Interruption ${this.#interruptions}: ${how}. The run goes on from ${from}.`;
    return true;
  }
}

/** What came from outside, in words; undefined when the trainer ended by its own account. */
function interruption(end: TrainerEnd): string | undefined {
  if (end.signal === 'SIGKILL') return 'the trainer was killed by SIGKILL, which the system sends when memory is short';
  if (end.code !== stoppedCode) return undefined;
  // The last to speak is the one who has seen all ranks end; a rank knows only that another is gone.
  const told = [...end.lastWords.matchAll(/^interrupted: (.+)$/gm)].at(-1);
  return told?.[1] ?? 'the trainer was asked to stop';
}

async function timeOf(file: string): Promise<number | undefined> {
  return await stat(file)
    .then((found) => found.mtimeMs)
    .catch(() => undefined);
}
