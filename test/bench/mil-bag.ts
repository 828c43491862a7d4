import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { batchRows, embeddingFile } from '@stroma/inference/embedding/embedding-file';
import type { EmbeddedCrops } from '@stroma/inference/embedding/embedding-table';
import { toFloat16 } from '@stroma/inference/embedding/float16';

/** An embedding file of random rows, about normal and of an encoder's size; the same every time. */
export async function writeBag(file: string, rows: number, dim: number): Promise<void> {
  const slide = { slideId: 'bench', size0X: 256, size0Y: 256, mpp: 0.5, dim };
  const origin = { encoder_sha256: '', crop_set_recipe: '', crop_selection: '', slide_sha256: '', code_revision: '' };
  await pipeline(embeddingFile(slide, randomCrops(rows, dim), origin), createWriteStream(file));
}

async function* randomCrops(rows: number, dim: number): AsyncGenerator<EmbeddedCrops> {
  const next = uniform(7);
  for (let from = 0; from < rows; from += batchRows) {
    const count = Math.min(batchRows, rows - from);
    const values = Float32Array.from({ length: count * dim }, () => 2 * (next() + next() + next() - 1.5));
    yield {
      cropIds: Array.from({ length: count }, (_, i) => String(from + i)),
      x0: Int32Array.from({ length: count }, (_, i) => 256 * (from + i)),
      y0: new Int32Array(count),
      tissueFraction: new Float32Array(count).fill(1),
      embeddings: toFloat16(values),
    };
  }
}

/** 0…1, a linear congruential generator (Numerical Recipes). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
