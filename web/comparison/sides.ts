import type { ComparedSlide, EncoderGrades, JobComparison, SlideGrade } from '@stroma/core/http/comparison';
import { encoderWord } from '../jobs/stage-word.ts';

/** One encoder of the comparison, once its grades are there. */
export interface Side {
  encoder: 'dino' | 'gen_dino';
  word: string;
  grades: EncoderGrades;
  gradeOf: (slide: ComparedSlide) => SlideGrade | null;
}

export function sidesOf({ dino, genDino }: Pick<JobComparison, 'dino' | 'genDino'>): Side[] {
  const all = [
    { encoder: 'dino', grades: dino.grades, gradeOf: (slide: ComparedSlide) => slide.dino },
    { encoder: 'gen_dino', grades: genDino.grades, gradeOf: (slide: ComparedSlide) => slide.genDino },
  ] as const;
  return all.flatMap(({ grades, ...rest }) => (grades ? [{ ...rest, grades, word: encoderWord[rest.encoder] }] : []));
}
