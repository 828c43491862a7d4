import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { residentBytes } from './child-memory.ts';
import { type Frame, receiveFrames, sendFrame } from './frames.ts';
import { ChildLost, type Reason } from './lost.ts';
import type { Answer, Call, Request } from './messages.ts';

export interface Limits {
  /** For one call once it has its turn; a region has more by its size. */
  callMs: number;
  /** Resident memory of a child; it may take more while it reads large regions. */
  memoryBytes: number;
}

export const usualLimits: Limits = { callMs: 5_000, memoryBytes: 512e6 };

const program = path.join(import.meta.dirname, 'child-program.ts');
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** More calls than this wait here, so that their time does not run while others are read. */
const maxInFlight = 2 * availableParallelism();
const startMs = 30_000;
const memoryPollMs = process.platform === 'linux' ? 50 : 500;
/** OpenSlide's BGRA, RGB, and a copy on its way. */
const bytesAPixel = 10;
const pixelsASecond = 2_000_000;

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
    this.#process = spawn(process.execPath, ['--import', tsx, program], {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: childEnvironment(),
    });
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
      const asked = this.#waiting.shift();
      if (!asked) break;
      const limitMs = this.#limits.callMs + (1000 * regionPixels(asked.request.call)) / pixelsASecond;
      asked.timer = setTimeout(() => this.#lose({ kind: 'time', limitMs }, asked), limitMs);
      this.#inFlight.set(asked.request.id, asked);
      sendFrame(this.#process.stdin as Writable, asked.request);
    }
    if (this.#inFlight.size > 0) this.#poll ??= setTimeout(() => void this.#checkMemory(), memoryPollMs);
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
    let limitBytes = this.#limits.memoryBytes;
    for (const { request } of this.#inFlight.values()) limitBytes += bytesAPixel * regionPixels(request.call);
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

/** No secrets: the child reads files that strangers made. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG, STROMA_OPENSLIDE } = process.env;
  const threads = String(Math.max(4, availableParallelism()));
  return { PATH, HOME, TMPDIR, LANG, STROMA_OPENSLIDE, UV_THREADPOOL_SIZE: threads };
}

function regionPixels(call: Call): number {
  return call.kind === 'region' ? call.width * call.height : 0;
}
