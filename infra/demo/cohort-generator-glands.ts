import { noiseAt } from './cohort-generator-noise.ts';
import { drawNucleus, kindAt } from './cohort-generator-nuclei.ts';
import type { Random } from './cohort-generator-random.ts';
import { kind, type Textures, type Tissue } from './cohort-generator-tissue.ts';

/** How the glands of a grade are built; lengths in px of 0.5 µm. */
export interface GlandStyle {
  radius: [number, number];
  /** Least distance between the rims of two glands. */
  gap: number;
  /** Waviness of the outer rim and of the lumen's, as shares of the radius. */
  rim: number;
  fold: number;
  /** Thickness of the epithelium; a gland no thicker has no lumen in its middle. */
  epithelium: [number, number];
  /** Half axes of its nuclei, and how much they differ from each other. */
  nucleus: [number, number];
  pleomorphism: number;
  nucleolus: number;
  /** Distance between neighbouring nuclei. */
  spacing: number;
  /** Round holes punched into a solid sheet: how many a 10 000 px². */
  holes: number;
}

const directions = 1024;

interface Gland {
  x: number;
  y: number;
  radius: number;
  /** Outer rim and lumen by direction. */
  outer: Float32Array;
  inner: Float32Array;
}

/** Throws glands into the stroma until they no longer fit, the large ones first. */
export function placeGlands(tissue: Tissue, style: GlandStyle, share: number, random: Random): Gland[] {
  const { width, height } = tissue;
  const glands: Gland[] = [];
  const mean = (style.radius[0] + style.radius[1]) / 2;
  const tries = Math.round((14 * share * width * height) / (Math.PI * mean * mean));
  const radii = Array.from({ length: tries }, () => random.between(...style.radius)).sort((a, b) => b - a);
  for (const radius of radii) {
    const x = random.between(0, width);
    const y = random.between(0, height);
    if (kindAt(tissue, x, y) !== kind.stroma) continue;
    if (glands.some((other) => Math.hypot(other.x - x, other.y - y) < other.radius + radius + style.gap)) continue;
    glands.push(shape(x, y, radius, style, random));
  }
  return glands;
}

function shape(x: number, y: number, radius: number, style: GlandStyle, random: Random): Gland {
  const outer = new Float32Array(directions);
  const inner = new Float32Array(directions);
  const thickness = random.between(...style.epithelium);
  const waves = [2, 3, 5].map((k) => ({ k, size: style.rim / k, phase: random.between(0, 6.28) }));
  const folds = [4, 7, 11, 17].map((k) => ({ k, size: style.fold / Math.sqrt(k), phase: random.between(0, 6.28) }));
  for (let i = 0; i < directions; i += 1) {
    const angle = (2 * Math.PI * i) / directions;
    let rim = 1;
    for (const wave of waves) rim += wave.size * Math.cos(wave.k * angle + wave.phase);
    let fold = 0;
    for (const wave of folds) fold += wave.size * Math.cos(wave.k * angle + wave.phase);
    outer[i] = radius * rim;
    inner[i] = radius * rim - thickness - radius * Math.max(0, fold);
  }
  return { x, y, radius, outer, inner };
}

/** Paints one gland: a pink rim, pale epithelium, an empty lumen, then its nuclei. */
export function drawGland(tissue: Tissue, gland: Gland, style: GlandStyle, textures: Textures, random: Random): void {
  const { width, height } = tissue;
  const reach = gland.radius * (1 + style.rim * 1.1);
  const tint = random.between(0.85, 1.15);
  const firstRow = Math.max(0, Math.floor(gland.y - reach));
  for (let y = firstRow; y <= Math.min(height - 1, gland.y + reach); y += 1) {
    for (let x = Math.max(0, Math.floor(gland.x - reach)); x <= Math.min(width - 1, gland.x + reach); x += 1) {
      const at = y * width + x;
      if (tissue.kind[at] !== kind.stroma) continue;
      const dx = x - gland.x;
      const dy = y - gland.y;
      const distance = Math.sqrt(dx * dx + dy * dy);
      const direction = Math.floor((Math.atan2(dy, dx) / (2 * Math.PI) + 1) * directions) & (directions - 1);
      const outer = gland.outer[direction] ?? 0;
      if (distance > outer) continue;
      if (outer - distance < 2.5) {
        tissue.eosin[at] = 0.42;
        continue;
      }
      paintInside(tissue, at, x, y, distance < (gland.inner[direction] ?? 0), tint, textures);
    }
  }
  punchHoles(tissue, gland, style, random);
  fillWithNuclei(tissue, gland, style, random);
}

function paintInside(
  tissue: Tissue,
  at: number,
  x: number,
  y: number,
  lumen: boolean,
  tint: number,
  { grain, cloud }: Textures,
): void {
  const fine = noiseAt(grain, x, y);
  tissue.kind[at] = lumen ? kind.lumen : kind.epithelium;
  tissue.eosin[at] = lumen ? Math.max(0, 0.05 * noiseAt(cloud, x, y)) : tint * (0.2 + 0.05 * fine);
  tissue.haematoxylin[at] = lumen ? 0 : tint * (0.13 + 0.04 * fine);
}

/** Cribriform: round, sharp-edged lumens within a solid sheet. */
function punchHoles(tissue: Tissue, gland: Gland, style: GlandStyle, random: Random): void {
  const count = Math.round((style.holes * Math.PI * gland.radius ** 2) / 10_000);
  for (let i = 0; i < count; i += 1) {
    const distance = 0.85 * gland.radius * Math.sqrt(random.next());
    const direction = random.between(0, 2 * Math.PI);
    const radius = random.between(11, 27);
    const x = gland.x + distance * Math.cos(direction);
    const y = gland.y + distance * Math.sin(direction);
    for (let py = Math.floor(y - radius); py <= y + radius; py += 1) {
      for (let px = Math.floor(x - radius); px <= x + radius; px += 1) {
        if ((px - x) ** 2 + (py - y) ** 2 > radius * radius || kindAt(tissue, px, py) !== kind.epithelium) continue;
        const at = py * tissue.width + px;
        tissue.kind[at] = kind.lumen;
        tissue.eosin[at] = 0.02;
        tissue.haematoxylin[at] = 0;
      }
    }
  }
}

/** Nuclei on rings from the rim inwards, wherever there is epithelium; their long axes point to the middle. */
function fillWithNuclei(tissue: Tissue, gland: Gland, style: GlandStyle, random: Random): void {
  const [long, short] = style.nucleus;
  for (let depth = long + 3; depth < gland.radius; depth += style.spacing * 1.15) {
    const around = 2 * Math.PI * (gland.radius - depth);
    const count = Math.floor(around / style.spacing);
    const start = random.between(0, 6.28);
    for (let i = 0; i < count; i += 1) {
      const angle = start + (2 * Math.PI * (i + random.between(-0.25, 0.25))) / count;
      const direction = Math.floor((angle / (2 * Math.PI)) * directions) & (directions - 1);
      const distance = (gland.outer[direction] ?? 0) - depth + random.between(-2, 2);
      const x = gland.x + distance * Math.cos(angle);
      const y = gland.y + distance * Math.sin(angle);
      const vary = 1 + style.pleomorphism * random.between(-1, 1);
      const density = random.between(0.75, 1);
      const turn = random.between(-1, 1) * (0.25 + style.pleomorphism * 2);
      if (kindAt(tissue, x, y) !== kind.epithelium) continue;
      const size = { long: long * vary, short: short * vary, nucleolus: style.nucleolus * vary };
      drawNucleus(tissue, { x, y, ...size, angle: angle + turn, density }, random);
    }
  }
}
