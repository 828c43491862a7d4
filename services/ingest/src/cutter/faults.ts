import { StromaError } from '@stroma/core/errors';

const remedy =
  'Copy the slide from the scanner again, or export it as a pyramidal TIFF with JPEG tiles. Other slides are not affected.';

export function crashed(name: string, found: string): StromaError {
  return new StromaError({
    code: 'slide.reader_crashed',
    message: 'The process that reads the slide ended in the middle: something in the file is more than it can take.',
    expected: 'a process that ends when it is told to',
    found,
    where: name,
    remedy,
  });
}

export function stalled(name: string, silenceMs: number): StromaError {
  return new StromaError({
    code: 'slide.reader_stalled',
    message: 'The process that reads the slide stopped answering and was ended.',
    expected: `a crop at least every ${silenceMs / 1000} s`,
    found: 'none',
    where: name,
    remedy,
  });
}

export function outOfMemory(name: string, bytes: number, limit: number): StromaError {
  return new StromaError({
    code: 'slide.reader_memory',
    message: 'The process that reads the slide took too much memory and was ended.',
    expected: `at most ${Math.round(limit / 1e6)} MB`,
    found: `${Math.round(bytes / 1e6)} MB`,
    where: name,
    remedy,
  });
}
