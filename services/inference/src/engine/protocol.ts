import type { NoiseSchedule } from '@stroma/core/diffusion/ddim';
import type { Problem } from '@stroma/core/errors';

/** An ONNX file; sha256 names its content, so a file that was replaced is another model. */
export interface ModelFile {
  path: string;
  sha256: string;
}

/** What the engine process does, by name: its request and its answer. */
export interface Operations {
  /** Crops → embeddings, row after row. */
  embed: {
    request: { model: ModelFile; cropPx: number; encoding: 'jpeg' | 'rgb'; crops: Uint8Array[] };
    answer: { embeddings: Float32Array; dim: number };
  };
  /** A bag, by the path of its embedding file → logits and attention logits of every model. */
  attend: {
    request: { models: ModelFile[]; embeddings: string };
    answer: { logits: Float32Array; attentionLogits: Float32Array }[];
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
      steps: number;
      guidanceScale: number;
    };
    answer: { rgb: Uint8Array; width: number; height: number };
  };
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
