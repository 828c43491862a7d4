import type { Random } from './cohort-generator-random.ts';

export const noiseSide = 1024;
const wrap = noiseSide - 1;

/** A square of smooth noise in −1…1 that repeats seamlessly. */
export type Noise = Float32Array;

/** Sums octaves of random grids; a grid cell of an octave is cellX × cellY px. Later octaves weigh half. */
export function makeNoise(random: Random, cellX: number, cellY: number, octaves: number): Noise {
  const out = new Float32Array(noiseSide * noiseSide);
  let weight = 1;
  let total = 0;
  for (let octave = 0; octave < octaves; octave += 1) {
    addOctave(out, random, Math.max(1, cellX >> octave), Math.max(1, cellY >> octave), weight);
    total += weight;
    weight /= 2;
  }
  for (let i = 0; i < out.length; i += 1) out[i] = (out[i] ?? 0) / total;
  return out;
}

function addOctave(out: Float32Array, random: Random, cellX: number, cellY: number, weight: number): void {
  const columns = noiseSide / cellX;
  const rows = noiseSide / cellY;
  const grid = Float32Array.from({ length: columns * rows }, () => random.between(-1, 1));
  for (let y = 0; y < noiseSide; y += 1) {
    const row = Math.floor(y / cellY);
    const v = smooth((y % cellY) / cellY);
    const upper = row * columns;
    const lower = ((row + 1) % rows) * columns;
    for (let x = 0; x < noiseSide; x += 1) {
      const column = Math.floor(x / cellX);
      const next = (column + 1) % columns;
      const u = smooth((x % cellX) / cellX);
      const top = (grid[upper + column] ?? 0) * (1 - u) + (grid[upper + next] ?? 0) * u;
      const bottom = (grid[lower + column] ?? 0) * (1 - u) + (grid[lower + next] ?? 0) * u;
      const at = y * noiseSide + x;
      out[at] = (out[at] ?? 0) + weight * (top * (1 - v) + bottom * v);
    }
  }
}

/** Nearest value; the texture is finer than what is seen of it. */
export function noiseAt(noise: Noise, x: number, y: number): number {
  return noise[((y | 0) & wrap) * noiseSide + ((x | 0) & wrap)] ?? 0;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
