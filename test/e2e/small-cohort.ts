import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';

export interface SmallCohort {
  files: string[];
  labelsCsv: string;
  /** µm/px: half the slides' own resolution, so that there are few crops. */
  mpp: number;
}

/** Enough for two folds of three grades: two patients or more of each. */
const slides = 8;

export async function smallCohort(folder: string): Promise<SmallCohort> {
  const made = await generateCohort(folder, { slides, seed: 11 });
  return {
    files: made.map((slide) => slide.file),
    labelsCsv: await readFile(path.join(folder, 'labels.csv'), 'utf8'),
    mpp: 1,
  };
}
