import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { EncoderCard } from '@stroma/core/contract/model-card';
import { StromaError } from '@stroma/core/errors';
import type { CheckpointRow } from '@stroma/db/checkpoints';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Engine } from './engine/engine.ts';
import type { ModelFile } from './engine/protocol.ts';

/** A model whose golden pair was checked on this machine. */
export interface CheckedModel extends ModelFile {
  /** Largest absolute difference from the trainer's own output. */
  parity: number;
}

/** An encoder as crops are embedded with it. */
export interface Embedder extends CheckedModel {
  /** Of encoder.onnx: the encoder's name, whichever of its files embeds. */
  encoderSha256: string;
  /** By encoder_int8.onnx. */
  eightBits: boolean;
}

/** What 8-bit products may change of an embedding: the bound that the trainer keeps such an encoder by. */
export const leastCosine = 0.995;

/** float32 sums in another order differ by about 1e-6; more than this is another network. */
export const parityLimit = 1e-3;

/** Opens checkpoints: each file is hashed and its golden pair checked once, before its first use. */
export class Models {
  readonly #engine: Engine;
  readonly #store: ObjectStore;
  readonly #checked = new Map<string, Promise<CheckedModel>>();
  readonly #eight = new Map<string, Promise<ModelFile | undefined>>();

  constructor(engine: Engine, store: ObjectStore) {
    this.#engine = engine;
    this.#store = store;
  }

  /** `name` without ending. The checkpoint's own file must have the checkpoint's hash. */
  async open(checkpoint: CheckpointRow, name: 'encoder' | 'unet' | 'decoder' | 'abmil'): Promise<CheckedModel> {
    const key = `${checkpoint.sha256}/${name}`;
    const known = this.#checked.get(key);
    if (known) return await known;
    const opening = this.#check(checkpoint, name);
    this.#checked.set(key, opening);
    // A refusal is not remembered: the file may be mended, or the engine have died.
    opening.catch(() => this.#checked.delete(key));
    return await opening;
  }

  /** The file that embeds: of 8-bit products where there is one that does here what it did in its training. */
  async embedder(checkpoint: CheckpointRow, card: EncoderCard): Promise<Embedder> {
    const encoder = await this.open(checkpoint, 'encoder');
    const expected = card.int8?.sha256;
    const eight = expected ? await this.#eightBits(checkpoint, expected) : undefined;
    return { ...(eight ?? encoder), parity: encoder.parity, encoderSha256: checkpoint.sha256, eightBits: !!eight };
  }

  async #eightBits(checkpoint: CheckpointRow, expected: string): Promise<ModelFile | undefined> {
    const known = this.#eight.get(expected);
    if (known) return await known;
    const opening = this.#checkEightBits(checkpoint, expected);
    this.#eight.set(expected, opening);
    opening.catch(() => this.#eight.delete(expected));
    return await opening;
  }

  async #checkEightBits(checkpoint: CheckpointRow, expected: string): Promise<ModelFile | undefined> {
    const path = this.#store.localPath(`${checkpoint.objectKey}/encoder_int8.onnx`);
    const sha256 = await sha256Of(path);
    if (sha256 !== expected) throw refused(path, `SHA-256 ${expected}`, `SHA-256 ${sha256}`);
    const cosine = await this.#engine.call('likeness', { model: { path, sha256 } }, { lane: 'interactive' });
    return cosine !== null && cosine >= leastCosine ? { path, sha256 } : undefined;
  }

  async #check(checkpoint: CheckpointRow, name: string): Promise<CheckedModel> {
    const path = this.#store.localPath(`${checkpoint.objectKey}/${name}.onnx`);
    const sha256 = await sha256Of(path);
    if (name !== 'decoder' && sha256 !== checkpoint.sha256) {
      throw refused(path, `SHA-256 ${checkpoint.sha256}`, `SHA-256 ${sha256}`);
    }
    const model = { path, sha256 };
    const parity = await this.#engine.call('golden', { model }, { lane: 'interactive' });
    if (!(parity <= parityLimit)) {
      throw refused(path, `outputs within ${parityLimit} of the trainer’s`, `a difference of ${parity}`);
    }
    return { ...model, parity };
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw refused(path, 'a readable file', String(error));
  }
  return hash.digest('hex');
}

function refused(where: string, expected: string, found: string): StromaError {
  return new StromaError(
    {
      code: 'model.refused',
      message: 'A model does not do here what it did in its training, and is not used.',
      expected,
      found,
      where,
      remedy: 'Run the training stage again.',
    },
    500,
  );
}
