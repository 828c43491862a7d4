import { chooseReader } from './choose-reader.ts';
import { openOpenSlide } from './openslide/openslide-slide.ts';
import type { SlideFile } from './slide-file.ts';
import { openTiffSlide } from './tiff/tiff-slide.ts';

/**
 * Opens a slide by its content, or refuses it with a Problem that says why. Close it when done. Decodes in this
 * process, where a crafted file can crash it: for use inside a child; everywhere else it is `openIsolated`.
 */
export async function openSlide(path: string): Promise<SlideFile> {
  const reader = await chooseReader(path);
  return reader === 'openslide' ? await openOpenSlide(path) : await openTiffSlide(path);
}
