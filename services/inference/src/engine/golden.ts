import { readFile } from 'node:fs/promises';
import { cosineSimilarity } from '@stroma/core/diffusion/slerp';
import type * as ort from 'onnxruntime-node';
import type { ModelFile } from './protocol.ts';
import { readSafetensors } from './safetensors.ts';
import { providers, sessionOf } from './sessions.ts';

/** Runs a model on the inputs stored next to it: the largest absolute difference from the stored outputs. */
export async function goldenDifference(model: ModelFile): Promise<number> {
  const { expected, found } = await goldenPair(model);
  let largest = 0;
  for (const [name, tensor] of Object.entries(expected)) {
    const a = tensor.data as Float32Array;
    const b = found[name]?.data as Float32Array;
    if (a.length !== b.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < a.length; i += 1) {
      const difference = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
      // A comparison with NaN is never true, so NaN is asked for.
      if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
      if (difference > largest) largest = difference;
    }
  }
  return largest;
}

/**
 * The least cosine of the embeddings to the stored ones: rounding to 8 bits turns a last digit into a step, and other
 * processors round otherwise. Null where a graphics processor embeds.
 */
export async function likeness(model: ModelFile): Promise<number | null> {
  if (providers()[0] !== 'cpu') return null;
  const { expected, found } = await goldenPair(model);
  const [a, b] = [expected.embedding, found.embedding].map((tensor) => tensor?.data as Float32Array | undefined);
  const dim = expected.embedding?.dims.at(-1) ?? 0;
  if (!a || !b || a.length !== b.length || dim === 0) return -1;
  let least = 1;
  for (let at = 0; at < a.length; at += dim) {
    const cosine = cosineSimilarity(a.subarray(at, at + dim), b.subarray(at, at + dim));
    if (!(cosine >= least)) least = cosine;
  }
  return least;
}

async function goldenPair(model: ModelFile) {
  const tensors = readSafetensors(await readFile(model.path.replace(/\.onnx$/, '.golden.safetensors')));
  const feeds: Record<string, ort.Tensor> = {};
  const expected: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith('input.')) feeds[name.slice('input.'.length)] = tensor;
    if (name.startsWith('output.')) expected[name.slice('output.'.length)] = tensor;
  }
  const session = await sessionOf(model);
  return { expected, found: await session.run(feeds, Object.keys(expected)) };
}
