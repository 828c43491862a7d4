import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { childThreads } from './child-environment.ts';
import { residentBytes } from './child-memory.ts';
import { type Frame, receiveFrames, sendFrame } from './frames.ts';
import { type Limits, memoryLimitBytes, timeLimitMs } from './limits.ts';
import { ChildLost, type Reason } from './lost.ts';
import type { Answer, Call, Request } from './messages.ts';
import { startProgram } from './start-program.ts';

/** Calls at once, each on a thread of its own. More wait here, so that their time does not run yet. */
const maxInFlight = childThreads;
/** A slide that hangs leaves the other threads to the others. */
const maxOfASlide = maxInFlight / 2;
const startMs = 60_000;
const memoryPollMs = process.platform === 'linux' ? 50 : 500;

interface Asked {
  request: Request;
  resolve(answer: Frame<Answer>): void;
  reject(error: Error): void;
  timer?: NodeJS.Timeout;
}

/** One child process and the calls it has to answer. It keeps the parent alive only while it is asked something. */
export class ReaderChild {
  readonly #process: ChildProcess;
  readonly #limits: Limits;
  readonly #waiting: Asked[] = [];
  readonly #inFlight = new Map<number, Asked>();
  #isUp = false;
  #lost: Reason | undefined;
  #lastWords = '';
  #nextId = 0;
  #poll: NodeJS.Timeout | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#process = startProgram();
    const starting = setTimeout(() => this.#lose({ kind: 'time', limitMs: startMs }), startMs);
    starting.unref();
    receiveFrames<Answer>(
      this.#process.stdio[3] as Readable,
      (frame) => {
        if (frame.header.id !== undefined) return this.#answered(frame);
        clearTimeout(starting);
        this.#isUp = true;
        this.#sendNext();
      },
      () => this.#lose({ kind: 'crash', how: 'an answer that makes no sense' }),
    );
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#lastWords = (this.#lastWords + text.toString()).slice(-300);
    });
    this.#process.stdin?.on('error', () => undefined);
    this.#process.on('error', (error) => this.#lose({ kind: 'crash', how: error.message }));
    this.#process.on('close', (code, signal) => {
      clearTimeout(starting);
      const last = this.#lastWords.trim().split('\n').at(-1) ?? '';
      this.#lose({ kind: 'crash', how: [signal ?? `exit code ${code}`, last].filter(Boolean).join('; ') });
    });
    this.#holdParent(false);
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  async ask(slide: number, call: Call): Promise<Frame<Answer>> {
    if (this.#lost) throw new ChildLost(this.#lost, 'waiting');
    this.#nextId += 1;
    const request = { id: this.#nextId, slide, call };
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#holdParent(true);
      this.#sendNext();
    });
  }

  /** Ends it at once; nothing may be in flight that is still wanted. */
  end(): void {
    this.#lose({ kind: 'crash', how: 'ended' });
  }

  #sendNext(): void {
    while (this.#isUp && !this.#lost && this.#inFlight.size < maxInFlight) {
      const next = this.#waiting.findIndex(({ request }) => this.#readsOf(request.slide) < maxOfASlide);
      const [asked] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (!asked) break;
      const limitMs = timeLimitMs(this.#limits, asked.request.call);
      asked.timer = setTimeout(() => this.#lose({ kind: 'time', limitMs }, asked), limitMs);
      this.#inFlight.set(asked.request.id, asked);
      sendFrame(this.#process.stdin as Writable, asked.request);
    }
    if (this.#inFlight.size > 0) this.#poll ??= setTimeout(() => void this.#checkMemory(), memoryPollMs);
  }

  #readsOf(slide: number): number {
    let reads = 0;
    for (const { request } of this.#inFlight.values()) if (request.slide === slide) reads += 1;
    return reads;
  }

  #answered(frame: Frame<Answer>): void {
    const asked = this.#inFlight.get(frame.header.id ?? 0);
    if (!asked) return;
    clearTimeout(asked.timer);
    this.#inFlight.delete(asked.request.id);
    asked.resolve(frame);
    this.#sendNext();
    if (this.#inFlight.size === 0 && this.#waiting.length === 0) this.#holdParent(false);
  }

  async #checkMemory(): Promise<void> {
    const found = await residentBytes(this.#process.pid ?? 0);
    this.#poll = undefined;
    const calls = [...this.#inFlight.values()].map(({ request }) => request.call);
    const limitBytes = memoryLimitBytes(this.#limits, calls);
    if (found > limitBytes) this.#lose({ kind: 'memory', limitBytes });
    else if (this.#inFlight.size > 0) this.#poll ??= setTimeout(() => void this.#checkMemory(), memoryPollMs);
  }

  /** Only the first reason counts. `slow` is the one call that is known to be the cause. */
  #lose(reason: Reason, slow?: Asked): void {
    if (this.#lost) return;
    this.#lost = reason;
    clearTimeout(this.#poll);
    this.#process.kill('SIGKILL');
    const read = [...this.#inFlight.values()];
    const isAlone = new Set(read.map(({ request }) => request.slide)).size === 1;
    for (const asked of read) {
      clearTimeout(asked.timer);
      asked.reject(new ChildLost(reason, isAlone || asked === slow ? 'alone' : 'shared'));
    }
    for (const asked of this.#waiting) asked.reject(new ChildLost(reason, 'waiting'));
    this.#inFlight.clear();
    this.#waiting.length = 0;
    this.#holdParent(false);
  }

  #holdParent(hold: boolean): void {
    const change = hold ? 'ref' : 'unref';
    this.#process[change]();
    for (const stream of this.#process.stdio) (stream as { ref?(): void; unref?(): void } | null)?.[change]?.();
  }
}
