import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { field, number, text } from '../fixtures/protocol-buffers.ts';
import type { Architecture } from './embed-encoder.ts';

// The runtime is a dependency of the inference service, so it is found from there.
const require = createRequire(new URL('../../services/inference/package.json', import.meta.url));
const ort = require('onnxruntime-node') as typeof import('onnxruntime-node');

/** FLOP/s of the encoder's largest product, tokens × d by d × 4d, the best of some rounds. */
export async function sgemmRate(folder: string, { dim, input_px, patch_px }: Architecture, batch: number) {
  const rows = batch * ((input_px / patch_px) ** 2 + 1);
  const columns = 4 * dim;
  const file = path.join(folder, 'matmul.onnx');
  await writeFile(file, matmulModel(dim, columns));
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: availableParallelism() });
  const feeds = { a: new ort.Tensor('float32', new Float32Array(rows * dim).fill(0.5), [rows, dim]) };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 15; round += 1) {
    const startedAt = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - startedAt);
  }
  return (2 * rows * dim * columns) / (best / 1000);
}

/** An ONNX file with the one node c = a · b, b a constant, as a trained layer's weights are. */
function matmulModel(inner: number, columns: number): Buffer {
  const weights = new Float32Array(inner * columns).fill(0.25);
  const shape = (...dims: Buffer[]) => field(2, Buffer.concat(dims.map((dim) => field(1, dim))));
  const tensorType = (...dims: Buffer[]) => field(1, Buffer.concat([number(1, 1), shape(...dims)]));
  const value = (name: string, ...dims: Buffer[]) => Buffer.concat([text(1, name), field(2, tensorType(...dims))]);
  const node = Buffer.concat([text(1, 'a'), text(1, 'b'), text(2, 'c'), text(4, 'MatMul')]);
  const initializer = Buffer.concat([
    number(1, inner),
    number(1, columns),
    number(2, 1),
    text(8, 'b'),
    field(9, Buffer.from(weights.buffer)),
  ]);
  const graph = Buffer.concat([
    field(1, node),
    text(2, 'matmul'),
    field(5, initializer),
    field(11, value('a', text(2, 'rows'), number(1, inner))),
    field(12, value('c', text(2, 'rows'), number(1, columns))),
  ]);
  return Buffer.concat([number(1, 8), field(7, graph), field(8, number(2, 18))]);
}
