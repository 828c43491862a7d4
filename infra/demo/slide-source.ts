import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DemoOptions } from './options.ts';

export interface SlideSource {
  /** Of the cohort. */
  name: string;
  files: string[];
  labelsCsv: string;
}

/** The folder that was given, or a cohort that is generated once and kept with the data. */
export async function slideSource(_dataFolder: string, options: DemoOptions): Promise<SlideSource> {
  if (!options.own) throw new Error('generator');
  const { slides, labels } = options.own;
  const files = (await readdir(slides, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && path.join(slides, entry.name) !== labels && !entry.name.startsWith('.'))
    .map((entry) => path.join(slides, entry.name))
    .sort();
  return { name: path.basename(slides), files, labelsCsv: await readFile(labels, 'utf8') };
}
