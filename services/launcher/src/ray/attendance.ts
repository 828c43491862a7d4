import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * `attendance.json` in a run directory on shared storage: how a launcher reaches a trainer that it did not start as its
 * own child. The job that reads it stops after a checkpoint when it is told to, when another job is named, and when the
 * beat has stood still for two minutes (UNATTENDED_S of the trainer): nobody waits for its result any more.
 */
const Attendance = Type.Object({
  version: Type.Literal(1),
  /** The job that is attended. */
  job: Type.String(),
  /** Of the launcher's lease: the higher one has the say. */
  fence: Type.Integer(),
  beat: Type.Integer(),
  stop: Type.Boolean(),
});
type Attendance = Static<typeof Attendance>;

const schema = Compile(Attendance);
const beatMs = 2_000;

export class Attending {
  readonly #file: string;
  readonly #state: Attendance;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(runFolder: string, job: string, fence: number) {
    this.#file = path.join(runFolder, 'attendance.json');
    this.#state = { version: 1, job, fence, beat: 0, stop: false };
  }

  /** Resolves when the file is there. */
  async begin(): Promise<void> {
    this.#timer = setInterval(() => void this.#write().catch(() => undefined), beatMs);
    await this.#write();
  }

  /** Asks the job for a checkpoint and its end; false when a later launcher attends by now. */
  async askToStop(): Promise<boolean> {
    if (await this.#superseded()) return false;
    this.#state.stop = true;
    await this.#write();
    return true;
  }

  async #superseded(): Promise<boolean> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file, 'utf8'));
      return schema.Check(value) && value.fence > this.#state.fence;
    } catch {
      return false;
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** One at a time, or an older beat could take a newer one's place. */
  async #write(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#replace());
    await this.#writing;
  }

  async #replace(): Promise<void> {
    if (await this.#superseded()) return;
    this.#state.beat += 1;
    const unfinished = `${this.#file}.${this.#state.fence}~`;
    await writeFile(unfinished, JSON.stringify(this.#state));
    await rename(unfinished, this.#file);
  }
}
