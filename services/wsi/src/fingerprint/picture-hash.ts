import type { RgbImage } from '../jpeg.ts';
import { shrinkByAverage } from '../resample.ts';

/**
 * A perceptual hash of 64 bits: the signs of the 8 × 8 lowest frequencies of the grey picture, squeezed to 32 × 32. Bit
 * 8·v + u is set where the cosine of u half-waves across and v down is positive; bit 0, the mean, is never set.
 * Compression, another container and another size change a few bits only. Null for a picture that is nearly plain, such
 * as empty glass: its signs would be noise.
 */
export function pictureHash(picture: RgbImage): bigint | null {
  const grey = greyOf(shrinkByAverage(picture, side, side));
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const spread = Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length);
  if (spread < plainBelow) return null;
  const across = grey.map((_, at) => transformed(grey, Math.floor(at / side) * side, 1, at % side));
  let hash = 0n;
  for (let v = 0; v < frequencies; v += 1) {
    for (let u = 0; u < frequencies; u += 1) {
      if (u + v > 0 && transformed(across, u, side, v) > 0) hash |= bit(u, v);
    }
  }
  return hash;
}

/**
 * The hash of the same picture turned by 90°, mirrored, or both: the picture's own one first. Mirroring changes the sign
 * of the odd waves, turning swaps across and down.
 */
export function pictureHashVariants(hash: bigint): bigint[] {
  const upright = [hash, transposed(hash)];
  return upright.flatMap((one) => [one, one ^ oddAcross, one ^ oddDown, one ^ oddAcross ^ oddDown]);
}

/** Bits that differ between two hashes, over all turns and mirrors of the second. */
export function pictureDistance(a: bigint, b: bigint): number {
  return Math.min(...pictureHashVariants(b).map((variant) => bitsSet(a ^ variant)));
}

const side = 32;
const frequencies = 8;
/** Grey levels of standard deviation; empty glass with its shading stays below. */
const plainBelow = 1.5;

const bit = (u: number, v: number) => 1n << BigInt(8 * v + u);
const bitsWhere = (wanted: (u: number, v: number) => boolean) => {
  let bits = 0n;
  for (let at = 0; at < 64; at += 1) if (wanted(at % 8, Math.floor(at / 8))) bits |= 1n << BigInt(at);
  return bits;
};
// Bit 0 is even in both.
const oddAcross = bitsWhere((u) => u % 2 === 1);
const oddDown = bitsWhere((_, v) => v % 2 === 1);

function transposed(hash: bigint): bigint {
  let out = 0n;
  for (let v = 0; v < frequencies; v += 1) {
    for (let u = 0; u < frequencies; u += 1) if (hash & bit(u, v)) out |= bit(v, u);
  }
  return out;
}

function bitsSet(bits: bigint): number {
  let count = 0;
  for (let left = bits; left > 0n; left &= left - 1n) count += 1;
  return count;
}

/** One coefficient of a type II cosine transform of the `side` values from `start` on, `step` apart. */
function transformed(values: Float64Array, start: number, step: number, frequency: number): number {
  let sum = 0;
  for (let i = 0; i < side; i += 1) {
    sum += (values[start + i * step] ?? 0) * Math.cos((Math.PI * (2 * i + 1) * frequency) / (2 * side));
  }
  return sum;
}

/** Rec. 601 luma. */
function greyOf(rgb: Buffer): Float64Array {
  return Float64Array.from({ length: rgb.length / 3 }, (_, i) => {
    return 0.299 * (rgb[3 * i] ?? 0) + 0.587 * (rgb[3 * i + 1] ?? 0) + 0.114 * (rgb[3 * i + 2] ?? 0);
  });
}
