import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StromaError } from '@stroma/core/errors';
import { busy, died } from './engine-errors.ts';
import type { FromEngine, Lane, Operation, Operations, ToEngine } from './protocol.ts';

export interface EngineOptions {
  log(message: string): void;
  /** Interactive requests that may wait; more are refused at once, so that nobody waits for minutes. */
  maxWaiting?: number;
}

interface Call {
  id: number;
  lane: Lane;
  operation: Operation;
  request: unknown;
  /** Lives of the engine process that it may still cost. */
  lives: number;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

const processFile = fileURLToPath(new URL('./process.ts', import.meta.url));
const typescript = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** One computes, one is decoded, one is on its way. */
const sentAtOnce = 3;

/** Models in a process of their own. The process is started when it is needed, and again after it died. */
export class Engine {
  readonly #options: EngineOptions;
  #child: ChildProcess | undefined;
  #nextId = 1;
  #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Rejects with a StromaError: inference.busy, inference.engine_died, or what the operation says. */
  async call<K extends Operation>(
    operation: K,
    request: Operations[K]['request'],
    { lane, signal }: { lane: Lane; signal?: AbortSignal | undefined },
  ): Promise<Operations[K]['answer']> {
    signal?.throwIfAborted();
    const { maxWaiting = 8 } = this.#options;
    if (lane === 'interactive' && this.#waiting.filter((call) => call.lane === lane).length >= maxWaiting) {
      throw busy(maxWaiting);
    }
    return await new Promise<Operations[K]['answer']>((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      const abort = () => {
        this.#waiting = this.#waiting.filter((call) => call.id !== id);
        if (this.#sent.has(id)) this.#child?.send({ id, abort: true } satisfies ToEngine);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const done = () => signal?.removeEventListener('abort', abort);
      this.#waiting.push({
        id,
        lane,
        operation,
        request,
        lives: lane === 'batch' ? 2 : 1,
        resolve: (answer) => {
          done();
          resolve(answer as Operations[K]['answer']);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      this.#send();
    });
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#sent.size < sentAtOnce) {
      const first = this.#waiting.findIndex((call) => call.lane === 'interactive');
      const [call] = this.#waiting.splice(Math.max(first, 0), 1);
      if (!call) return;
      this.#sent.set(call.id, call);
      const { id, lane, operation, request } = call;
      this.#child ??= this.#start();
      this.#child.send({ id, lane, operation, request } as ToEngine, () => undefined);
    }
  }

  #start(): ChildProcess {
    const child = fork(processFile, [], {
      serialization: 'advanced',
      execArgv: ['--import', typescript],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (message: FromEngine) => this.#hear(message));
    child.on('error', () => undefined);
    child.on('exit', (code, signal) => this.#bury(child, signal ?? `code ${code}`));
    return child;
  }

  #hear(message: FromEngine): void {
    if ('log' in message) {
      this.#options.log(message.log);
      return;
    }
    const call = this.#sent.get(message.id);
    this.#sent.delete(message.id);
    if ('problem' in message) call?.reject(new StromaError(message.problem, message.status));
    else call?.resolve(message.answer);
    this.#send();
  }

  /** A batch is tried once more, in case another request was to blame; then its own crops are suspected. */
  #bury(child: ChildProcess, how: string): void {
    if (this.#child === child) this.#child = undefined;
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    if (!this.#closed) this.#options.log(`the engine process ended with ${how}; ${lost.length} requests were with it`);
    for (const call of lost.reverse()) {
      call.lives -= 1;
      if (call.lives > 0 && !this.#closed) this.#waiting.unshift(call);
      else call.reject(died(how));
    }
    if (!this.#closed) this.#send();
  }
}
