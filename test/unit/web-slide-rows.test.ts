import type { ComparedSlide, SlideGrade } from '@stroma/core/http/comparison';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../web/comparison/sides.ts';
import { type SlideColumn, type SlideQuestion, slideRows } from '../../web/comparison/slide-rows.ts';

const grade = (grade: number, confidence: number, abstains = false): SlideGrade => {
  return { grade, confidence, abstains, probabilities: [] };
};
const slide = (name: string, label: number, dino: SlideGrade | null, genDino: SlideGrade | null): ComparedSlide => {
  return { name, label, dino, genDino, slideId: name, patientId: `patient ${name.at(-1)}`, fold: label };
};
const slides = [
  slide('s1', 2, grade(1, 0.5, true), grade(1, 0.99)),
  slide('s10', 0, grade(0, 0.9), grade(0, 0.6, true)),
  slide('s2', 1, grade(0, 0.7), grade(1, 0.8)),
  slide('s3', 2, grade(2, 0.4, true), null),
];
const sides = [
  { encoder: 'dino', gradeOf: (one: ComparedSlide) => one.dino },
  { encoder: 'gen_dino', gradeOf: (one: ComparedSlide) => one.genDino },
] as Side[];
const names = (question: Partial<SlideQuestion>, of = sides) =>
  slideRows(slides, of, {
    ...{ filter: null, label: null, search: '', order: { column: 'slide', descending: false } },
    ...question,
  }).map((row) => row.name);

describe('the rows of the slides’ results', () => {
  it('are all of them as they come, and the other way round', () => {
    expect(names({})).toEqual(['s1', 's10', 's2', 's3']);
    expect(names({ order: { column: 'slide', descending: true } })).toEqual(['s3', 's2', 's10', 's1']);
    expect(slides.map(({ name }) => name)).toEqual(['s1', 's10', 's2', 's3']);
  });

  it('are those that either encoder grades wrongly, abstains on, or grades otherwise than the other', () => {
    expect(names({ filter: 'wrong' })).toEqual(['s1', 's2']);
    expect(names({ filter: 'abstaining' })).toEqual(['s1', 's10', 's3']);
    expect(names({ filter: 'disagreeing' })).toEqual(['s2']);
    expect(names({ filter: 'wrong' }, sides.slice(1))).toEqual(['s1']);
    expect(names({ filter: 'disagreeing' }, sides.slice(1))).toEqual([]);
  });

  it('are those of a label, and of a name', () => {
    expect(names({ label: 2 })).toEqual(['s1', 's3']);
    expect(names({ label: 2, filter: 'wrong' })).toEqual(['s1']);
    expect(names({ search: 'S1' })).toEqual(['s1', 's10']);
    expect(names({ search: 'patient 2' })).toEqual(['s2']);
  });

  it.each<[SlideColumn, string[], string[]]>([
    ['patient', ['s10', 's1', 's2', 's3'], ['s3', 's2', 's1', 's10']],
    ['fold', ['s10', 's2', 's1', 's3'], ['s1', 's3', 's2', 's10']],
    ['dino p', ['s3', 's1', 's2', 's10'], ['s10', 's2', 's1', 's3']],
    ['gen_dino p', ['s3', 's10', 's2', 's1'], ['s1', 's2', 's10', 's3']],
    ['dino grade', ['s10', 's2', 's1', 's3'], ['s3', 's1', 's10', 's2']],
    ['dino outcome', ['s2', 's1', 's3', 's10'], ['s10', 's3', 's1', 's2']],
    ['gen_dino outcome', ['s3', 's1', 's10', 's2'], ['s2', 's10', 's1', 's3']],
  ])('are sorted by %s, and the other way round, equals by name', (column, up, down) => {
    expect(names({ order: { column, descending: false } })).toEqual(up);
    expect(names({ order: { column, descending: true } })).toEqual(down);
  });
});
