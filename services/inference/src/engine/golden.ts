import { readFile } from 'node:fs/promises';
import type * as ort from 'onnxruntime-node';
import type { ModelFile } from './protocol.ts';
import { readSafetensors } from './safetensors.ts';
import { sessionOf } from './sessions.ts';

/** Runs a model on the inputs stored next to it: the largest absolute difference from the stored outputs. */
export async function goldenDifference(model: ModelFile): Promise<number> {
  const tensors = readSafetensors(await readFile(model.path.replace(/\.onnx$/, '.golden.safetensors')));
  const feeds: Record<string, ort.Tensor> = {};
  const expected: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith('input.')) feeds[name.slice('input.'.length)] = tensor;
    if (name.startsWith('output.')) expected[name.slice('output.'.length)] = tensor;
  }
  const session = await sessionOf(model);
  const found = await session.run(feeds, Object.keys(expected));
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
