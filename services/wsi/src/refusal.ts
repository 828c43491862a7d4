import { type Problem, StromaError } from '@stroma/core/errors';

/** Ends the reading of a file that cannot be a slide; the words are for the person who uploaded it. */
export function refuse(code: string, problem: Omit<Problem, 'code'>): never {
  throw new StromaError({ code: `slide.${code}`, ...problem });
}

export const exportRemedy =
  'Export the slide from the scanner software as a pyramidal TIFF with JPEG tiles, or as Aperio SVS with JPEG compression.';
export const copyRemedy = 'Copy the file from the scanner again and compare its size with the original.';
