import { readFile } from 'node:fs/promises';

/** A ViT's shape, as the trainer writes it into encoder.safetensors. */
export interface Architecture {
  patch_px: number;
  dim: number;
  depth: number;
  heads: number;
  crop_px: number;
  input_px: number;
}

export async function readArchitecture(safetensors: string): Promise<Architecture> {
  const file = await readFile(safetensors);
  const header = JSON.parse(file.toString('utf8', 8, 8 + Number(file.readBigUInt64LE(0))));
  const { architecture, card } = JSON.parse(header.__metadata__.stroma);
  const { patch_px, dim, depth, heads } = architecture;
  const { crop_px, input_px } = card;
  return { patch_px, dim, depth, heads, crop_px, input_px };
}

/** Floating-point operations of the matrix products of one crop; softmax and norms are not counted. */
export function encoderFlop({ patch_px, dim, depth, crop_px, input_px }: Architecture): number {
  const patches = (input_px / patch_px) ** 2;
  const tokens = patches + 1;
  // A block: q, k, v (3d²), projection (d²), MLP (8d²), and the two products of attention.
  const block = 2 * tokens * 12 * dim ** 2 + 2 * 2 * tokens ** 2 * dim;
  // The last answers for [CLS] alone: keys and values of all tokens; the rest is one token's.
  const last = 2 * tokens * 2 * dim ** 2;
  // Averaging crop_px × crop_px to input_px × input_px: rows, then columns.
  const averaged = input_px < crop_px ? 2 * 3 * input_px * crop_px * (crop_px + input_px) : 0;
  return averaged + (depth - 1) * block + last + 2 * patches * 3 * patch_px ** 2 * dim;
}
