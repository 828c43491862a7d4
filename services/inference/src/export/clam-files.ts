import h5wasm from 'h5wasm/node';
import type { EmbeddedCrops, EmbeddedSlide } from '../embedding/embedding-table.ts';

import { fromFloat16 } from '../embedding/float16.ts';

/** Which pyramid level CLAM is told to read, and how. */
export interface ClamPlace {
  /** Level px at patchLevel. */
  patchSize: number;
  patchLevel: number;
  /** CLAM halves or quarters what it reads by this; 1 = as read. */
  customDownsample: number;
  levelDownsample: [number, number];
  levelSize: [number, number];
}

// Rows a chunk: some 1.5 MB at 384 dimensions.
const chunkRows = 1024;

/** `patches/<slide>.h5`: int64 level-0 places with the attributes that CLAM's reader asks for. */
export async function writeClamPatches(
  path: string,
  name: string,
  file: EmbeddedSlide & EmbeddedCrops,
  place: ClamPlace,
): Promise<void> {
  await h5wasm.ready;
  const h5 = new h5wasm.File(path, 'w');
  try {
    const rows = file.x0.length;
    const coords = new BigInt64Array(rows * 2);
    for (let i = 0; i < rows; i += 1) {
      coords[2 * i] = BigInt(file.x0[i] ?? 0);
      coords[2 * i + 1] = BigInt(file.y0[i] ?? 0);
    }
    const dataset = h5.create_dataset({
      name: 'coords',
      data: coords,
      shape: [rows, 2],
      dtype: '<q',
      chunks: [Math.min(chunkRows, rows), 2],
      maxshape: [null, 2],
    });
    const int = (value: number) => new BigInt64Array([BigInt(value)]);
    const ints = (values: readonly number[]) => BigInt64Array.from(values, BigInt);
    dataset.create_attribute('patch_size', int(place.patchSize), [], '<q');
    dataset.create_attribute('patch_level', int(place.patchLevel), [], '<q');
    // '<d': h5wasm writes float32 when it is told '<f8'.
    dataset.create_attribute('downsample', new Float64Array(place.levelDownsample), [2], '<d');
    dataset.create_attribute('downsampled_level_dim', ints(place.levelSize), [2], '<q');
    dataset.create_attribute('level_dim', ints(place.levelSize), [2], '<q');
    dataset.create_attribute('name', name);
    dataset.create_attribute('save_path', 'patches');
    if (place.customDownsample > 1) {
      dataset.create_attribute('custom_downsample', int(place.customDownsample), [], '<q');
    }
  } finally {
    h5.close();
  }
}

/** `h5_files/<slide>.h5`: float32 features and int32 places, without attributes. */
export async function writeClamFeatures(path: string, file: EmbeddedSlide & EmbeddedCrops): Promise<void> {
  await h5wasm.ready;
  const h5 = new h5wasm.File(path, 'w');
  try {
    const rows = file.x0.length;
    const coords = new Int32Array(rows * 2);
    for (let i = 0; i < rows; i += 1) {
      coords[2 * i] = file.x0[i] ?? 0;
      coords[2 * i + 1] = file.y0[i] ?? 0;
    }
    h5.create_dataset({
      name: 'features',
      data: fromFloat16(file.embeddings),
      shape: [rows, file.dim],
      dtype: '<f',
      chunks: [Math.min(chunkRows, rows), file.dim],
      maxshape: [null, file.dim],
    });
    h5.create_dataset({
      name: 'coords',
      data: coords,
      shape: [rows, 2],
      dtype: '<i',
      chunks: [Math.min(chunkRows, rows), 2],
      maxshape: [null, 2],
    });
  } finally {
    h5.close();
  }
}
