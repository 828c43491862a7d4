import { StromaError } from '@stroma/core/errors';
import { encoderLabel } from '@stroma/core/http/common';
import type { Encoder } from '@stroma/db/run-inputs';

export function noEmbeddings(jobId: number, encoder: Encoder): StromaError {
  return new StromaError(
    {
      code: 'search.no_embeddings',
      message: `The crops of the job have no embeddings by ${encoderLabel[encoder]} yet, so nothing can be compared.`,
      expected: `a finished embed run of ${encoderLabel[encoder]}`,
      where: `job ${jobId}`,
      remedy: 'Wait until the job has come past its embeddings, or search with the other encoder.',
    },
    409,
  );
}

export function unknownCrop(cropId: string): StromaError {
  return new StromaError(
    {
      code: 'search.crop',
      message: 'The crop is none of those that the job has embedded.',
      expected: 'a crop of the job’s cohort that its selection keeps',
      found: `crop ${cropId}`,
      remedy: 'Choose a crop in the viewer of one of the cohort’s slides.',
    },
    404,
  );
}

export function noSlide(slideId: string): StromaError {
  return new StromaError(
    {
      code: 'search.slide',
      message: 'The rectangle lies on a slide of which the job has no embeddings.',
      expected: 'a slide of the job’s cohort with tissue',
      found: `slide ${slideId}`,
      remedy: 'Draw it on one of the cohort’s slides.',
    },
    404,
  );
}

export function emptyRectangle(slideName: string): StromaError {
  return new StromaError({
    code: 'search.empty_rectangle',
    message: 'No crop lies in the rectangle: the job found no tissue to embed there.',
    expected: 'a rectangle that overlaps at least one embedded crop',
    where: `slide ${slideName}`,
    remedy: 'Draw it over tissue; the grid of crops is shown with the key g.',
  });
}

export function noVector(): StromaError {
  return new StromaError({
    code: 'search.no_direction',
    message: 'The embedding asked with is zero, so it has no neighbours.',
    expected: 'an embedding of which at least one number is not 0',
  });
}

export function otherDimensions(expected: number, found: number): StromaError {
  return new StromaError({
    code: 'search.dimensions',
    message: 'The embedding asked with is not of the encoder that embedded the cohort.',
    expected: `${expected} dimensions`,
    found: `${found} dimensions`,
    remedy: 'Look for similar crops within the job whose encoder embedded this crop.',
  });
}

export function busy(mostAtOnce: number): StromaError {
  return new StromaError(
    {
      code: 'search.busy',
      message: 'Too many searches are under way.',
      expected: `at most ${mostAtOnce} at once`,
      remedy: 'Try again in a few seconds.',
    },
    503,
  );
}
