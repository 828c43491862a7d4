import type { Random } from './cohort-generator-random.ts';
import type { Tissue } from './cohort-generator-tissue.ts';

/** A laboratory and its scanner: optical density of each dye in red, green and blue, and the colour of empty glass. */
export interface Site {
  name: string;
  haematoxylin: [number, number, number];
  eosin: [number, number, number];
  strength: number;
  glass: [number, number, number];
}

/** After Ruifrok and Johnston's vectors (2001), moved towards blue-grey and towards brick red. */
export const sites: readonly Site[] = [
  {
    name: 'north',
    haematoxylin: [0.62, 0.72, 0.31],
    eosin: [0.09, 0.92, 0.36],
    strength: 1,
    glass: [244, 243, 245],
  },
  {
    name: 'south',
    haematoxylin: [0.7, 0.64, 0.24],
    eosin: [0.05, 0.8, 0.52],
    strength: 0.84,
    glass: [249, 246, 240],
  },
];

const steps = 4096;
const densest = 4;
const transmission = Float32Array.from({ length: steps }, (_, i) => 10 ** ((-densest * i) / steps));

/** Beer–Lambert: what the camera sees, with the staining of the day and the camera's noise. */
export function stain({ haematoxylin, eosin }: Tissue, site: Site, random: Random): Buffer {
  const out = Buffer.allocUnsafe(haematoxylin.length * 3);
  const h = site.strength * random.between(0.92, 1.08);
  const e = site.strength * random.between(0.9, 1.1);
  const scale = steps / densest;
  const [hr, hg, hb] = site.haematoxylin.map((density) => density * h * scale) as [number, number, number];
  const [er, eg, eb] = site.eosin.map((density) => density * e * scale) as [number, number, number];
  const [red, green, blue] = site.glass;
  const noise = Float32Array.from({ length: 8192 }, () => random.between(-2.2, 2.2));
  for (let i = 0, at = 0; i < haematoxylin.length; i += 1, at += 3) {
    const hi = haematoxylin[i] ?? 0;
    const ei = eosin[i] ?? 0;
    const grain = (noise[(i * 7 + (i >> 9)) & 8191] ?? 0) + 0.5;
    out[at] = clamp(red * (transmission[(hi * hr + ei * er) | 0] ?? 0) + grain);
    out[at + 1] = clamp(green * (transmission[(hi * hg + ei * eg) | 0] ?? 0) + grain);
    out[at + 2] = clamp(blue * (transmission[(hi * hb + ei * eb) | 0] ?? 0) + grain);
  }
  return out;
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, value));
}
