import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { trainerPython } from '../setup/trainer-environment.ts';
import { step } from '../step.ts';
import { generateCohort } from './cohort-generator.ts';
import type { DemoOptions } from './options.ts';
import { realSlide } from './real-slide.ts';

export interface SlideSource {
  /** Of the cohort. */
  name: string;
  files: string[];
  labelsCsv: string;
}

const generatedSlides = 24;

/** The folder that was given, or a cohort that is generated once and kept with the data. */
export async function slideSource(dataFolder: string, { own, seed }: DemoOptions): Promise<SlideSource> {
  if (own) return await slidesOf(path.basename(own.slides), own.slides, own.labels);
  const folder = path.join(dataFolder, 'demo', `generated-${seed}`);
  const labels = path.join(folder, 'labels.csv');
  await step('Generated slides', async () => {
    // The labels are written last: where they are, the slides are whole.
    if (existsSync(labels)) return `${generatedSlides} are there already`;
    const slides = await generateCohort(folder, { slides: generatedSlides, seed });
    return `${slides.length}, seed ${seed}`;
  });
  const source = await slidesOf('Generated cohort', folder, labels);
  const real = await step(
    'Real slide',
    async () => realSlide(path.join(dataFolder, 'demo'), await trainerPython('run')),
    (slide) => ('note' in slide ? `left out, ${slide.note}` : path.basename(slide.path)),
  );
  if ('note' in real) return source;
  // It has no grade: it is trained on and graded, never evaluated.
  const { name } = path.parse(real.path);
  return {
    ...source,
    files: [...source.files, real.path],
    labelsCsv: `${source.labelsCsv.trimEnd()}\n${name},${name},,\n`,
  };
}

async function slidesOf(name: string, folder: string, labels: string): Promise<SlideSource> {
  const files = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.toLowerCase().endsWith('.csv'))
    .map((entry) => path.join(folder, entry.name))
    .sort();
  return { name, files, labelsCsv: await readFile(labels, 'utf8') };
}
