import { type Problem, StromaError } from '@stroma/core/errors';

/** Ends the reading of a file that cannot be a slide; the words are for the person who uploaded it. */
export function refuse(code: string, problem: Omit<Problem, 'code'>): never {
  throw new StromaError({ code: `slide.${code}`, ...problem });
}

export const exportRemedy =
  'Export the slide from the scanner software as a pyramidal TIFF with JPEG tiles, or as Aperio SVS with JPEG compression.';
export const copyRemedy = 'Copy the file from the scanner again and compare its size with the original.';

/** Ends the reading of a TIFF whose directories cannot be what a writer meant. */
export function refuseContents(expected: string, found: string, where: string): never {
  refuse('damaged', {
    message: 'The file’s table of contents does not make sense; the file is damaged.',
    expected,
    found,
    where,
    remedy: copyRemedy,
  });
}
