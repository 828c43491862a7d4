/**
 * The process that owns the models. A native crash or a want of memory ends this process, not the service; and
 * `session.run` blocks its caller's event loop, which here serves nobody else.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { asProblem, StromaError } from '@stroma/core/errors';
import { attend } from './attend.ts';
import { embed, pixelsOf } from './embed.ts';
import { nobodyWaits } from './engine-errors.ts';
import { goldenDifference, likeness } from './golden.ts';
import { patchAttention } from './patch-attention.ts';
import type { EngineRequest, FromEngine, ToEngine } from './protocol.ts';
import { instances, rest } from './rest.ts';
import { sample } from './sample.ts';
import { providers } from './sessions.ts';

interface Task {
  message: EngineRequest;
  aborted: boolean;
  /** Decoded from the moment of arrival, so that the model need not wait. */
  pixels: Promise<Uint8Array> | undefined;
}

const waiting: Task[] = [];
let current: Task | undefined;
let busy = false;

const send = (message: FromEngine) => process.send?.(message);

process.on('message', (message: ToEngine) => {
  if ('abort' in message) {
    for (const task of [...waiting, ...(current ? [current] : [])]) {
      if (task.message.id === message.id) task.aborted = true;
    }
    return;
  }
  const takesCrops = message.operation === 'embed' || message.operation === 'patchAttention';
  const pixels = takesCrops ? pixelsOf(message.request) : undefined;
  pixels?.catch(() => undefined);
  waiting.push({ message, aborted: false, pixels });
  if (!busy) void serve();
});
// The service has ended or died.
process.on('disconnect', () => process.exit(0));
send({ log: `onnxruntime on ${providers().join(', ')}` });

async function serve(): Promise<void> {
  busy = true;
  while (waiting.length > 0) {
    const first = waiting.findIndex((task) => task.message.lane === 'interactive');
    [current] = waiting.splice(Math.max(first, 0), 1);
    if (current) await answer(current);
    current = undefined;
    // Lets messages in, among them requests that go first and further crops to decode.
    await nextTurn();
  }
  busy = false;
}

async function answer(task: Task): Promise<void> {
  const { id } = task.message;
  try {
    send({ id, answer: await carryOut(task) });
  } catch (error) {
    send({ id, problem: asProblem(error), status: error instanceof StromaError ? error.status : 500 });
  }
}

async function carryOut(task: Task): Promise<unknown> {
  const { operation, request } = task.message;
  // Every request is answered, also one that nobody waits for: the service counts what it has sent.
  if (task.aborted) throw nobodyWaits();
  if (operation === 'embed') return await embed(request, (await task.pixels) ?? new Uint8Array());
  if (operation === 'patchAttention') return await patchAttention(request, (await task.pixels) ?? new Uint8Array());
  if (operation === 'golden') return await goldenDifference(request.model);
  if (operation === 'likeness') return await likeness(request.model);
  if (operation === 'instances') return await instances(request);
  const between = async () => {
    await nextTurn();
    if (task.aborted) throw nobodyWaits();
  };
  if (operation === 'attend') return await attend(request, between);
  if (operation === 'rest') return await rest(request, between);
  return await sample(request, between);
}
