import type { Random } from './cohort-generator-random.ts';
import { kind, type Tissue } from './cohort-generator-tissue.ts';

export interface Nucleus {
  x: number;
  y: number;
  /** Half axes, px. */
  long: number;
  short: number;
  /** Direction of the long axis. */
  angle: number;
  density: number;
  /** Radius of a visible nucleolus, px; 0 without one. */
  nucleolus: number;
}

/** An ellipse of chromatin: darker at its membrane, clumped inside, soft at its edge. Never on glass. */
export function drawNucleus(tissue: Tissue, nucleus: Nucleus, random: Random): void {
  const { width, height, haematoxylin, eosin } = tissue;
  const { x, y, long, short, density, nucleolus } = nucleus;
  const cosine = Math.cos(nucleus.angle);
  const sine = Math.sin(nucleus.angle);
  const reach = Math.ceil(long) + 1;
  const clumpX = random.between(0, 6);
  const clumpY = random.between(0, 6);
  const spotX = random.between(-0.3, 0.3) * short;
  const spotY = random.between(-0.3, 0.3) * short;
  for (let py = Math.max(0, Math.floor(y - reach)); py <= Math.min(height - 1, y + reach); py += 1) {
    for (let px = Math.max(0, Math.floor(x - reach)); px <= Math.min(width - 1, x + reach); px += 1) {
      const at = py * width + px;
      if (tissue.kind[at] === kind.glass) continue;
      const dx = px - x;
      const dy = py - y;
      const a = (dx * cosine + dy * sine) / long;
      const b = (dy * cosine - dx * sine) / short;
      const d = a * a + b * b;
      if (d >= 1.2) continue;
      const edge = d < 0.85 ? 1 : (1.2 - d) / 0.35;
      const clump = 0.8 + 0.14 * Math.sin(dx * 1.1 + clumpX) * Math.sin(dy * 1.3 + clumpY) + (d > 0.55 ? 0.2 : 0);
      const spot = (dx - spotX) ** 2 + (dy - spotY) ** 2 < nucleolus * nucleolus ? 0.45 : 0;
      const value = density * edge * (clump + spot);
      if (value > (haematoxylin[at] ?? 0)) haematoxylin[at] = value;
      eosin[at] = (eosin[at] ?? 0) * (1 - 0.6 * edge);
    }
  }
}

/** Spindle nuclei of fibroblasts all over the stroma, and here and there a nest of lymphocytes. */
export function scatterStromalNuclei(tissue: Tissue, random: Random): void {
  const { width, height } = tissue;
  const turn = random.between(0, Math.PI);
  const count = Math.round((width * height) / 2600);
  for (let i = 0; i < count; i += 1) {
    const x = random.between(0, width);
    const y = random.between(0, height);
    const angle = turn + random.between(-0.5, 0.5);
    const long = random.between(8, 14);
    if (kindAt(tissue, x, y) !== kind.stroma) continue;
    const short = random.between(2.2, 3.6);
    drawNucleus(tissue, { x, y, long, short, angle, density: random.between(0.55, 0.85), nucleolus: 0 }, random);
  }
  for (let nest = 0; nest < 5; nest += 1) {
    const centreX = random.between(0, width);
    const centreY = random.between(0, height);
    for (let i = 0; i < 90; i += 1) {
      const distance = 70 * Math.sqrt(random.next());
      const direction = random.between(0, 2 * Math.PI);
      const x = centreX + distance * Math.cos(direction);
      const y = centreY + distance * Math.sin(direction);
      const size = random.between(5, 6.5);
      if (kindAt(tissue, x, y) !== kind.stroma) continue;
      drawNucleus(tissue, { x, y, long: size, short: size, angle: 0, density: 1.05, nucleolus: 0 }, random);
    }
  }
}

export function kindAt({ width, height, kind: kinds }: Tissue, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  return column < 0 || row < 0 || column >= width || row >= height ? kind.glass : (kinds[row * width + column] ?? 0);
}
