import type { SlideFile } from './slide-file.ts';
import { openTiffSlide } from './tiff/tiff-slide.ts';

/** Opens a slide by its content, or refuses it with a Problem that says why. Close it when done. */
export async function openSlide(path: string): Promise<SlideFile> {
  return await openTiffSlide(path);
}
