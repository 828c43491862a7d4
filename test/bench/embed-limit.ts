import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './embed-encoder.ts';

// The runtime is a dependency of the inference service, so it is found from there.
const require = createRequire(new URL('../../services/inference/package.json', import.meta.url));
const ort = require('onnxruntime-node') as typeof import('onnxruntime-node');

/** Opens the encoder's bare products (embed_products.py); answers what measures their rate, in crops/s. */
export async function productChain(
  folder: string,
  {
    architecture,
    batch,
    threads,
    python,
  }: { architecture: Architecture; batch: number; threads: number; python: string },
): Promise<(seconds: number) => Promise<number>> {
  const file = path.join(folder, 'products.onnx');
  const program = path.join(import.meta.dirname, 'embed_products.py');
  await promisify(execFile)(python, [program, JSON.stringify(architecture), String(batch), file]);
  // As the engine's sessions are.
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  const { dim, crop_px, input_px, patch_px } = architecture;
  const patches = batch * (input_px / patch_px) ** 2;
  const averaged = input_px < crop_px ? { crops: drawn(3 * batch, crop_px, crop_px) } : {};
  const feeds = { pixels: drawn(patches, 3 * patch_px ** 2), tokens: drawn(patches + batch, dim), ...averaged };
  await session.run(feeds);
  return async (seconds) => {
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    let done = 0;
    while (elapsed() < seconds) {
      await session.run(feeds);
      done += batch;
    }
    return done / elapsed();
  };
}

/** Numbers from −1 to 1. */
function drawn(...dims: number[]) {
  const length = dims.reduce((product, dim) => product * dim);
  const values = Float32Array.from({ length }, (_, i) => Math.sin(i * i));
  return new ort.Tensor('float32', values, dims);
}
