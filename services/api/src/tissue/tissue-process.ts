import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StromaError } from '@stroma/core/errors';
import { childEnvironment } from '@stroma/wsi/isolated/child-environment';
import { residentBytes } from '@stroma/wsi/isolated/child-memory';
import type { FromTissueProcess, TissueAnswer, TissueRequest, ToTissueProcess } from './messages.ts';

const program = fileURLToPath(new URL('./process.ts', import.meta.url));
const typescript = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A slide without a pyramid is decoded whole for its mask. */
const usualLimits = { callMs: 120_000, memoryBytes: 1_000_000_000 };
const maxWaiting = 32;
const idleMs = 60_000;
const memoryPollMs = 200;

interface Asked {
  request: TissueRequest;
  resolve(answer: TissueAnswer): void;
  reject(error: unknown): void;
}

export interface TissueProcess {
  ask(request: TissueRequest): Promise<TissueAnswer>;
  close(): void;
}

/** One child that answers one request after another; it is started when it is needed, and again after it died. */
export function createTissueProcess(limits = usualLimits): TissueProcess {
  const waiting: Asked[] = [];
  let child: ChildProcess | undefined;
  let current: Asked | undefined;
  let nextId = 0;
  let idle: NodeJS.Timeout | undefined;

  function start(): ChildProcess {
    const started = fork(program, [], {
      serialization: 'advanced',
      execArgv: ['--import', typescript],
      env: childEnvironment(),
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    });
    started.on('error', () => undefined);
    return started;
  }

  function sendNext(): void {
    clearTimeout(idle);
    if (current) return;
    const asked = waiting.shift();
    if (!asked) {
      idle = setTimeout(end, idleMs);
      idle.unref();
      return;
    }
    current = asked;
    child ??= start();
    void carryOut(child, asked).then(() => {
      current = undefined;
      sendNext();
    });
  }

  async function carryOut(by: ChildProcess, { request, resolve, reject }: Asked): Promise<void> {
    nextId += 1;
    const id = nextId;
    let fault = '';
    const kill = (why: string) => {
      fault ||= why;
      by.kill('SIGKILL');
    };
    const timer = setTimeout(() => kill(`it took more than ${limits.callMs / 1000} s`), limits.callMs);
    const poll = setInterval(async () => {
      if ((await residentBytes(by.pid ?? 0)) > limits.memoryBytes) {
        kill(`it took more than ${limits.memoryBytes / 1e6} MB of memory`);
      }
    }, memoryPollMs);
    await new Promise<void>((done) => {
      const hear = (message: FromTissueProcess) => {
        if (message.id !== id) return;
        if ('answer' in message) resolve(message.answer);
        else reject(new StromaError(message.problem, message.status));
        done();
      };
      const bury = (code: number | null, signal: string | null) => {
        if (child === by) child = undefined;
        reject(died(request.name, fault || `it ended with ${signal ?? `code ${code}`}`));
        done();
      };
      by.on('message', hear).once('exit', bury);
      by.send({ id, request } satisfies ToTissueProcess, () => undefined);
    });
    by.removeAllListeners('message').removeAllListeners('exit');
    clearTimeout(timer);
    clearInterval(poll);
  }

  function end(): void {
    child?.kill('SIGKILL');
    child = undefined;
  }

  return {
    async ask(request) {
      if (waiting.length >= maxWaiting) throw busy();
      return await new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        sendNext();
      });
    },
    close() {
      clearTimeout(idle);
      waiting.length = 0;
      end();
    },
  };
}

function died(name: string, found: string): StromaError {
  return new StromaError(
    {
      code: 'tissue.process_died',
      message: 'The tissue of this slide could not be found: the process that read it was lost.',
      found,
      where: name,
      remedy: 'Try again; if it happens again, the file is damaged or larger than this machine can read.',
    },
    500,
  );
}

function busy(): StromaError {
  return new StromaError(
    {
      code: 'tissue.busy',
      message: 'Too many slides are waiting for their tissue mask.',
      expected: `at most ${maxWaiting} waiting`,
      remedy: 'Try again in a minute.',
    },
    503,
  );
}
