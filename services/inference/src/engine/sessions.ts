import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { StromaError } from '@stroma/core/errors';
import * as ort from 'onnxruntime-node';
import type { ModelFile } from './protocol.ts';

/** Models in memory at once, by the size of their files; the one in use stays whatever its size. */
const limitBytes = 3e9;

interface Loaded {
  session: ort.InferenceSession;
  bytes: number;
}

/** Open models, the one used longest ago first. */
const loaded = new Map<string, Loaded>();

export async function sessionOf(model: ModelFile): Promise<ort.InferenceSession> {
  const known = loaded.get(model.sha256);
  if (known) {
    loaded.delete(model.sha256);
    loaded.set(model.sha256, known);
    return known.session;
  }
  const { size } = await stat(model.path).catch(() => {
    throw unloadable(model, 'no such file');
  });
  await makeRoom(size);
  try {
    const session = await ort.InferenceSession.create(model.path, {
      executionProviders: providers(),
      intraOpNumThreads: availableParallelism(),
      interOpNumThreads: 1,
      // Threads that spin after a run take the cores from the one who waits for its answer: a step of a walk took 1.8 times
      // as long (bench:walk, two cores).
      extra: { session: { force_spinning_stop: '1' } },
    });
    loaded.set(model.sha256, { session, bytes: size });
    return session;
  } catch (error) {
    throw unloadable(model, String(error));
  }
}

/** CUDA where the installed onnxruntime has it; the processor takes what it cannot do. */
export function providers(): string[] {
  const cuda = ort.listSupportedBackends().some((backend) => backend.name === 'cuda' && backend.bundled);
  return cuda ? ['cuda', 'cpu'] : ['cpu'];
}

async function makeRoom(bytes: number): Promise<void> {
  let total = bytes;
  for (const { bytes: size } of loaded.values()) total += size;
  for (const [sha256, { session, bytes: size }] of loaded) {
    if (total <= limitBytes) return;
    loaded.delete(sha256);
    total -= size;
    await session.release();
  }
}

function unloadable(model: ModelFile, found: string): StromaError {
  return new StromaError(
    {
      code: 'model.unloadable',
      message: 'A trained model cannot be loaded.',
      expected: 'an ONNX file as the trainer exports it',
      found,
      where: model.path,
      remedy: 'Run the training stage again.',
    },
    500,
  );
}
