import type { NoiseSchedule } from '@stroma/core/diffusion/ddim';
import type { Sampler } from '@stroma/core/diffusion/sampling';
import type { Problem } from '@stroma/core/errors';

/** An ONNX file; sha256 names its content, so a file that was replaced is another model. */
export interface ModelFile {
  path: string;
  sha256: string;
}

/** Crops of a bag, pooled: their logits, and the logarithm of the sum of exp(attention logit) that they weigh by. */
export interface PooledPart {
  logits: Float32Array;
  mass: number;
}

/** A bag's class logits and its instances' attention logits. */
export interface AttendedBag {
  logits: Float32Array;
  attentionLogits: Float32Array;
  /** Class logits of each instance taken for a bag of its own, instance after instance; null when the model has none. */
  classLogits: Float32Array | null;
}

/** What the engine process does, by name: its request and its answer. */
export interface Operations {
  /** Crops → embeddings, row after row. */
  embed: {
    request: { model: ModelFile; cropPx: number; encoding: 'jpeg' | 'rgb'; crops: Uint8Array[] };
    answer: { embeddings: Float32Array; dim: number };
  };
  /** Crops → each head's attention of [CLS] over the patches, row by row; null when the model tells none. */
  patchAttention: {
    request: Operations['embed']['request'];
    answer: { attention: Float32Array; heads: number; patches: number } | null;
  };
  /** A bag, by the path of its embedding file → what every model makes of it. */
  attend: {
    request: { models: ModelFile[]; embeddings: string };
    answer: AttendedBag[];
  };
  /** A bag without the crop of this id, for each model. */
  rest: {
    request: { models: ModelFile[]; embeddings: string; without: string };
    answer: PooledPart[] | null;
  };
  /** Embeddings in half precision, row after row → each as a bag of its own, for each model. */
  instances: {
    request: { models: ModelFile[]; embeddings: Uint16Array; dim: number };
    answer: PooledPart[][];
  };
  /** Noise and an embedding → a picture, interleaved 8-bit RGB. */
  sample: {
    request: {
      unet: ModelFile;
      decoder: ModelFile;
      embedding: Float32Array;
      noise: Float32Array;
      latentShape: readonly number[];
      schedule: NoiseSchedule;
      sampler: Sampler;
      steps: number;
      guidanceScale: number;
    };
    answer: { rgb: Uint8Array; width: number; height: number };
  };
  /**
   * The least cosine of a model's embeddings here to those of its golden pair. Null where a graphics processor embeds,
   * which gains nothing from 8-bit products.
   */
  likeness: { request: { model: ModelFile }; answer: number | null };
  /** The largest difference between a model's golden outputs and what it gives here. */
  golden: { request: { model: ModelFile }; answer: number };
}

export type Operation = keyof Operations;
/** interactive: a person waits; it goes before every batch that has not begun. */
export type Lane = 'interactive' | 'batch';

export type EngineRequest = {
  [K in Operation]: { id: number; lane: Lane; operation: K; request: Operations[K]['request'] };
}[Operation];

export type ToEngine = EngineRequest | { id: number; abort: true };
export type FromEngine =
  | { id: number; answer: unknown }
  | { id: number; problem: Problem; status: number }
  | { log: string };
