import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Random } from './cohort-generator-random.ts';
import { drawSlide, type Grade, grades, writeSlide } from './cohort-generator-slide.ts';
import { sites } from './cohort-generator-stain.ts';
import { makeTextures } from './cohort-generator-tissue.ts';

export interface GeneratedSlide {
  slideId: string;
  patientId: string;
  grade: Grade;
  site: string;
  file: string;
}

export interface CohortOptions {
  slides?: number;
  seed?: number;
  onSlide?(done: number, total: number): void;
}

/** px */
const meanWidth = 2560;
const meanHeight = 2080;

/**
 * Draws slides that look like H&E into a folder, with `labels.csv` (slide_id,patient_id,grade,site): as many of each
 * grade, two sites with different stains and scanners in every grade, and now and then two slides of one patient. The
 * same seed gives the same bytes.
 */
export async function generateCohort(
  folder: string,
  { slides: count = 24, seed = 7, onSlide }: CohortOptions = {},
): Promise<GeneratedSlide[]> {
  await mkdir(folder, { recursive: true });
  const textures = makeTextures(Random.of(seed, 0));
  const slides: GeneratedSlide[] = [];
  let written: Promise<void> = Promise.resolve();
  for (let i = 0; i < count; i += 1) {
    const grade = grades[i % grades.length] ?? 'benign';
    const withinGrade = Math.floor(i / grades.length);
    const patient = patientOf(withinGrade);
    const site = sites[patient % sites.length] ?? sites[0];
    if (!site) throw new RangeError('no site');
    const slideId = `demo-${String(i + 1).padStart(2, '0')}`;
    const file = path.join(folder, `${slideId}.tif`);
    const random = Random.of(seed, 100 + i);
    const width = meanWidth + 16 * random.whole(9) - 64;
    const height = meanHeight + 16 * random.whole(9) - 64;
    const rgb = drawSlide({ width, height, grade, site, textures, seed: seed * 1000 + i });
    // One slide is compressed while the next one is drawn; two at once bound the memory.
    await written;
    written = writeSlide(file, rgb, width, height);
    const number = patient * grades.length + (i % grades.length) + 1;
    const patientId = `patient-${String(number).padStart(2, '0')}`;
    slides.push({ slideId, patientId, grade, site: site.name, file });
    onSlide?.(i + 1, count);
  }
  await written;
  const lines = slides.map((slide) => [slide.slideId, slide.patientId, slide.grade, slide.site].join(','));
  await writeFile(path.join(folder, 'labels.csv'), `slide_id,patient_id,grade,site\n${lines.join('\n')}\n`);
  return slides;
}

/** Every fourth slide is a second one of the patient before. */
function patientOf(withinGrade: number): number {
  return withinGrade - Math.floor((withinGrade + 1) / 4);
}
