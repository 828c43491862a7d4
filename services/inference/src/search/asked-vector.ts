import { fromFloat16 } from '../embedding/float16.ts';
import { embeddingBatches, embeddingsOf } from '../embedding/read-embeddings.ts';

export interface AskedVector {
  vector: Float32Array;
  cropIds: string[];
}

/** The embedding of one crop; undefined when the file does not hold it. */
export async function vectorOfCrop(path: string, cropId: string): Promise<AskedVector | undefined> {
  for await (const batch of embeddingBatches(path)) {
    const ids = batch.getChild('crop_id');
    for (let row = 0; row < batch.numRows; row += 1) {
      if (ids?.get(row) !== cropId) continue;
      const { dim, values } = embeddingsOf(batch);
      return { vector: fromFloat16(values.slice(row * dim, (row + 1) * dim)), cropIds: [cropId] };
    }
  }
  return undefined;
}

/** A rectangle and the sides of a slide's crops, in level-0 px. */
export interface AskedBox {
  x0: number;
  y0: number;
  width0: number;
  height0: number;
  size0X: number;
  size0Y: number;
}

/**
 * The mean of the unit embeddings of the crops whose centres lie in the rectangle: a crop that is mostly outside has no
 * say. Where there is no such crop, the one whose centre is nearest to the rectangle's, of those that it overlaps.
 */
export async function vectorOfBox(path: string, box: AskedBox): Promise<AskedVector | undefined> {
  const mid = { x: box.x0 + box.width0 / 2, y: box.y0 + box.height0 / 2 };
  const inside: AskedVector = { vector: new Float32Array(), cropIds: [] };
  let nearest: (AskedVector & { distance: number }) | undefined;
  for await (const batch of embeddingBatches(path)) {
    const { dim, values } = embeddingsOf(batch);
    const x0 = batch.getChild('x0')?.toArray() as Int32Array;
    const y0 = batch.getChild('y0')?.toArray() as Int32Array;
    const idOf = (row: number) => String(batch.getChild('crop_id')?.get(row));
    const vectorOf = (row: number) => fromFloat16(values.slice(row * dim, (row + 1) * dim));
    if (inside.vector.length === 0) inside.vector = new Float32Array(dim);
    for (let row = 0; row < batch.numRows; row += 1) {
      const fromMid = {
        x: Math.abs((x0[row] ?? 0) + box.size0X / 2 - mid.x),
        y: Math.abs((y0[row] ?? 0) + box.size0Y / 2 - mid.y),
      };
      if (fromMid.x <= box.width0 / 2 && fromMid.y <= box.height0 / 2) {
        addUnit(inside.vector, vectorOf(row));
        inside.cropIds.push(idOf(row));
        continue;
      }
      const overlaps = fromMid.x < (box.width0 + box.size0X) / 2 && fromMid.y < (box.height0 + box.size0Y) / 2;
      const distance = Math.hypot(fromMid.x, fromMid.y);
      if (!overlaps || distance >= (nearest?.distance ?? Number.POSITIVE_INFINITY)) continue;
      nearest = { vector: vectorOf(row), cropIds: [idOf(row)], distance };
    }
  }
  if (inside.cropIds.length > 0) return inside;
  return nearest && { vector: nearest.vector, cropIds: nearest.cropIds };
}

function addUnit(sum: Float32Array, vector: Float32Array): void {
  const norm = Math.hypot(...vector);
  if (norm === 0) return;
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0) / norm;
}
