import { makeNoise, type Noise, noiseAt } from './cohort-generator-noise.ts';
import type { Random } from './cohort-generator-random.ts';

export const kind = { glass: 0, stroma: 1, epithelium: 2, lumen: 3 } as const;

/** The slide before it is stained: how much of each dye every pixel holds, and what it is. */
export interface Tissue {
  width: number;
  height: number;
  haematoxylin: Float32Array;
  eosin: Float32Array;
  kind: Uint8Array;
}

export interface Textures {
  cloud: Noise;
  warp: Noise;
  fibre: Noise;
  grain: Noise;
}

export function makeTextures(random: Random): Textures {
  return {
    cloud: makeNoise(random, 256, 256, 4),
    warp: makeNoise(random, 512, 512, 2),
    fibre: makeNoise(random, 128, 8, 3),
    grain: makeNoise(random, 8, 8, 3),
  };
}

/** The outline is drawn on a grid this many px wide. */
const coarse = 8;

/** A piece of tissue that covers this share of the slide, filled with fibrous stroma; glass around it. */
export function layStroma(
  width: number,
  height: number,
  share: number,
  random: Random,
  { cloud, warp, fibre, grain }: Textures,
): Tissue {
  const pixels = width * height;
  const tissue: Tissue = {
    width,
    height,
    haematoxylin: new Float32Array(pixels),
    eosin: new Float32Array(pixels),
    kind: new Uint8Array(pixels),
  };
  const { field, columns, limit } = outline(width, height, share, random, cloud);
  const turn = random.between(0, Math.PI);
  const cosine = Math.cos(turn);
  const sine = Math.sin(turn);
  const shift = random.whole(4096);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = field[Math.floor(y / coarse) * columns + Math.floor(x / coarse)] ?? 0;
      if (inside < limit - 0.2) continue;
      const fine = noiseAt(grain, x + shift, y);
      if (interpolate(field, columns, x / coarse, y / coarse) + 0.03 * fine < limit) continue;
      const at = y * width + x;
      const bend = noiseAt(warp, x / 2 + shift, y / 2);
      const ripple = noiseAt(cloud, x * 2, y * 2);
      const along = x * cosine + y * sine + 160 * bend;
      const across = y * cosine - x * sine + 260 * bend + 14 * ripple;
      const strand = noiseAt(fibre, along, across);
      const density = noiseAt(cloud, x / 2, y / 2 + shift);
      // Clefts between bundles let the light through.
      const cleft = strand + 0.35 * density < -0.42 ? 0.35 : 1;
      tissue.kind[at] = kind.stroma;
      tissue.eosin[at] = cleft * Math.max(0.07, 0.3 + 0.17 * strand + 0.1 * density + 0.05 * fine);
      tissue.haematoxylin[at] = cleft * Math.max(0, 0.055 + 0.04 * strand);
    }
  }
  return tissue;
}

function outline(width: number, height: number, share: number, random: Random, cloud: Noise) {
  const columns = Math.ceil(width / coarse) + 2;
  const rows = Math.ceil(height / coarse) + 2;
  const field = new Float32Array(columns * rows);
  const centreX = random.between(0.42, 0.58) * columns;
  const centreY = random.between(0.42, 0.58) * rows;
  const radiusX = random.between(0.5, 0.62) * columns;
  const radiusY = random.between(0.5, 0.62) * rows;
  const shift = random.whole(4096);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const dx = (column - centreX) / radiusX;
      const dy = (row - centreY) / radiusY;
      field[row * columns + column] = 1 - dx * dx - dy * dy + 0.7 * noiseAt(cloud, column * 3 + shift, row * 3);
    }
  }
  const sorted = Float32Array.from(field).sort();
  return { field, columns, limit: sorted[Math.floor((1 - share) * sorted.length)] ?? 0 };
}

function interpolate(field: Float32Array, columns: number, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const u = x - column;
  const v = y - row;
  const at = row * columns + column;
  const top = (field[at] ?? 0) * (1 - u) + (field[at + 1] ?? 0) * u;
  return top * (1 - v) + ((field[at + columns] ?? 0) * (1 - u) + (field[at + columns + 1] ?? 0) * u) * v;
}
