import sharp from 'sharp';
import { drawGland, type GlandStyle, placeGlands } from './cohort-generator-glands.ts';
import { scatterStromalNuclei } from './cohort-generator-nuclei.ts';
import { Random } from './cohort-generator-random.ts';
import { type Site, stain } from './cohort-generator-stain.ts';
import { layStroma, type Textures } from './cohort-generator-tissue.ts';

export const grades = ['benign', 'gleason3', 'gleason4'] as const;
export type Grade = (typeof grades)[number];

/** µm/px of a generated slide: 20x. */
const mpp = 0.5;
/** Share of a slide that is tissue: some 30 crops of 256 px. */
const tissueShare = 0.44;

/** Drawings of the three architectures, not of patients: round glands, small crowded glands, cribriform sheets. */
const styles: Record<Grade, GlandStyle> = {
  benign: {
    radius: [85, 150],
    gap: 45,
    rim: 0.16,
    fold: 0.3,
    epithelium: [30, 42],
    nucleus: [8, 5],
    pleomorphism: 0.08,
    nucleolus: 0,
    spacing: 13,
    holes: 0,
  },
  gleason3: {
    radius: [30, 56],
    gap: 9,
    rim: 0.14,
    fold: 0.05,
    epithelium: [19, 25],
    nucleus: [7.2, 6.4],
    pleomorphism: 0.16,
    nucleolus: 1.9,
    spacing: 16,
    holes: 0,
  },
  gleason4: {
    radius: [120, 260],
    gap: -22,
    rim: 0.42,
    fold: 0,
    epithelium: [400, 400],
    nucleus: [8.6, 7.4],
    pleomorphism: 0.28,
    nucleolus: 2.4,
    spacing: 18,
    holes: 2.2,
  },
};

export interface SlideDrawing {
  width: number;
  height: number;
  grade: Grade;
  site: Site;
  textures: Textures;
  seed: number;
}

/** The pixels of one slide; the seed fixes every one of them. */
export function drawSlide({ width, height, grade, site, textures, seed }: SlideDrawing): Buffer {
  const tissue = layStroma(width, height, tissueShare, Random.of(seed, 1), textures);
  const random = Random.of(seed, 2);
  // A carcinoma grows beside glands that are still normal.
  if (grade !== 'benign') {
    const few = placeGlands(tissue, styles.benign, 0.02, random);
    for (const gland of few) drawGland(tissue, gland, styles.benign, textures, random);
  }
  const style = styles[grade];
  for (const gland of placeGlands(tissue, style, 1, random)) drawGland(tissue, gland, style, textures, random);
  scatterStromalNuclei(tissue, Random.of(seed, 3));
  return stain(tissue, site, Random.of(seed, 4));
}

/** A pyramidal TIFF with JPEG tiles and the resolution in its tags, as scanners write it. */
export async function writeSlide(file: string, rgb: Buffer, width: number, height: number): Promise<void> {
  const perMillimetre = 1000 / mpp;
  await sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    // The optics: a point is never sharper than this.
    .blur(0.6)
    .tiff({
      compression: 'jpeg',
      quality: 85,
      tile: true,
      tileWidth: 256,
      tileHeight: 256,
      pyramid: true,
      xres: perMillimetre,
      yres: perMillimetre,
      resolutionUnit: 'cm',
    })
    .toFile(file);
}
