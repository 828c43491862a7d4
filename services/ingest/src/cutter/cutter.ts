import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { StromaError } from '@stroma/core/errors';
import type { CropQuality } from '@stroma/wsi/crop-quality';
import { childEnvironment } from '@stroma/wsi/isolated/child-environment';
import { residentBytes } from '@stroma/wsi/isolated/child-memory';
import { lostError, type Reason } from '@stroma/wsi/isolated/lost';
import { plainProgram } from '@stroma/wsi/isolated/plain-program';
import type { NumberTable } from '../number-table.ts';
import type {
  CutBlock,
  CutJob,
  FromCutter,
  PlacesInShard,
  PlannedSlide,
  PlannedTable,
  SlideToCut,
  ToCutter,
} from './messages.ts';

export interface CutterLimits {
  /** Without any sign of life while it has work. */
  silenceMs: number;
  memoryBytes: number;
}

/** The slowest single step is the picture of a whole slide for its tissue. */
export const cutterLimits: CutterLimits = { silenceMs: 120_000, memoryBytes: 1_500_000_000 };
const lookMs = 250;

const cutterProgram = await plainProgram(path.join(import.meta.dirname, 'process.ts'));

/** glibc's malloc: what planning took goes back to the system at once, and threads share what they keep for later. */
const givesBack = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '2' };

type Answered = Extract<FromCutter, { answer: unknown }>['answer'];

interface Waiting<T> {
  /** Of the slide, as a person knows it. */
  name: string;
  resolve(answer: T): void;
  reject(error: unknown): void;
}

/** One process that cuts; it answers in the order of the requests, and writes at once. Once it has ended, so have all its requests. */
export class Cutter {
  ended = false;
  readonly #child: ChildProcess;
  readonly #waiting: Waiting<Answered>[] = [];
  readonly #writing: Waiting<void>[] = [];
  #silence: NodeJS.Timeout | undefined;
  #lost: Reason | undefined;

  constructor(limits: CutterLimits = cutterLimits, program = cutterProgram()) {
    this.#child = fork(program, [], {
      serialization: 'advanced',
      // MB: its objects are small and short-lived; more room for them would only be held.
      execArgv: ['--max-semi-space-size=4'],
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
      env: { ...childEnvironment(), ...givesBack },
    });
    const look = setInterval(async () => {
      if (this.#waiting.length === 0) return;
      const bytes = await residentBytes(this.#child.pid ?? 0);
      if (bytes > limits.memoryBytes) this.#end({ kind: 'memory', limitBytes: limits.memoryBytes });
    }, lookMs);
    this.#silence = setTimeout(() => {
      if (this.#waiting.length > 0) this.#end({ kind: 'time', limitMs: limits.silenceMs });
    }, limits.silenceMs);
    this.#child.on('message', (message: FromCutter) => this.#hear(message));
    this.#child.on('error', (error) => this.#bury(String(error)));
    this.#child.on('exit', (code, signal) => {
      clearInterval(look);
      clearTimeout(this.#silence);
      this.#bury(signal ?? `exit code ${code}`);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.#waiting.length;
  }

  async plan(file: string, set: SlideToCut): Promise<PlannedSlide> {
    return (await this.#ask(set.name, { kind: 'plan', file, set })) as PlannedSlide;
  }

  /** Where the block's crops lie in its tar entries; the process holds these until `write`, asked once for every block. */
  async cut(job: CutJob, crops: PlannedTable): Promise<CutBlock> {
    return (await this.#ask(job.context.slide_name, { kind: 'block', job, crops })) as CutBlock;
  }

  /** Writes the tar entries of the first block that was cut and not written, at this byte of a file that is there. */
  async write(name: string, file: string, offset: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.ended) return reject(lostError({ kind: 'crash', how: 'it had ended before' }, name));
      this.#writing.push({ name, resolve, reject });
      this.#child.send({ kind: 'write', file, offset } satisfies ToCutter, () => undefined);
    });
  }

  /** What the pixels of crops in a shard say. */
  async measure(name: string, file: string, places: PlacesInShard): Promise<NumberTable<keyof CropQuality>> {
    return (await this.#ask(name, { kind: 'measure', file, places })) as NumberTable<keyof CropQuality>;
  }

  /** Lets go of the slide's file. */
  closeSlide(): void {
    this.#child.send({ kind: 'close' } satisfies ToCutter, () => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(name: string, request: ToCutter): Promise<Answered> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(lostError({ kind: 'crash', how: 'it had ended before' }, name));
      if (this.#waiting.length === 0) this.#silence?.refresh();
      this.#waiting.push({ name, resolve, reject });
      this.#child.send(request, () => undefined);
    });
  }

  #hear(message: FromCutter): void {
    this.#silence?.refresh();
    if (message.kind === 'alive') return;
    if (message.kind === 'written') this.#writing.shift()?.resolve();
    else if (message.kind === 'unwritten') this.#writing.shift()?.reject(new StromaError(message.problem, 500));
    else this.#hearAnswer(message);
  }

  #hearAnswer(message: Exclude<FromCutter, { kind: 'alive' | 'written' | 'unwritten' }>): void {
    const first = this.#waiting.shift();
    if (message.kind === 'failed') first?.reject(new StromaError(message.problem, message.status));
    else first?.resolve(message.answer);
  }

  #end(reason: Reason): void {
    this.#lost ??= reason;
    this.kill();
  }

  #bury(how: string): void {
    this.ended = true;
    const reason = this.#lost ?? { kind: 'crash', how };
    for (const { name, reject } of [...this.#waiting.splice(0), ...this.#writing.splice(0)])
      reject(lostError(reason, name));
  }
}
