import type { ComparedSlide, SlideGrade } from '@stroma/core/http/comparison';
import type { Side } from './sides.ts';

/** Which slides are listed; of two encoders it is enough that one of them is so. */
export const slideFilters = {
  wrong: 'graded wrongly',
  abstaining: 'abstaining',
  disagreeing: 'graded differently',
} as const;
export type SlideFilter = keyof typeof slideFilters;
export const isSlideFilter = (value: string | null): value is SlideFilter =>
  value !== null && Object.hasOwn(slideFilters, value);

export type SlideColumn = 'slide' | 'patient' | 'label' | 'fold' | `${Side['encoder']} ${'grade' | 'p' | 'outcome'}`;
export interface SlideOrder {
  column: SlideColumn;
  descending: boolean;
}

export interface SlideQuestion {
  filter: SlideFilter | null;
  /** Index of the label's class. */
  label: number | null;
  /** Part of a slide's or patient's name. */
  search: string;
  order: SlideOrder;
}

/** `slides` come by name, and so do those that are equal in another column. */
export function slideRows(
  slides: readonly ComparedSlide[],
  sides: readonly Side[],
  { filter, label, search, order }: SlideQuestion,
): ComparedSlide[] {
  const wanted = search.toLowerCase();
  const found = slides.filter((slide) => {
    if (label !== null && slide.label !== label) return false;
    if (wanted && ![slide.name, slide.patientId].some((text) => text.toLowerCase().includes(wanted))) return false;
    const grades = sides.flatMap((side) => side.gradeOf(slide) ?? []);
    if (filter === 'wrong') return grades.some((grade) => grade.grade !== slide.label);
    if (filter === 'abstaining') return grades.some((grade) => grade.abstains);
    if (filter === 'disagreeing') return grades.length === 2 && grades[0]?.grade !== grades[1]?.grade;
    return true;
  });
  if (order.column === 'slide') return order.descending ? found.reverse() : found;
  const compare = comparison(order.column, sides);
  return found.sort((a, b) => (order.descending ? compare(b, a) : compare(a, b)));
}

type Compare = (a: ComparedSlide, b: ComparedSlide) => number;
const { compare: alphabetic } = new Intl.Collator('en', { numeric: true });

function comparison(column: Exclude<SlideColumn, 'slide'>, sides: readonly Side[]): Compare {
  if (column === 'patient') return (a, b) => alphabetic(a.patientId, b.patientId);
  if (column === 'label' || column === 'fold') return (a, b) => a[column] - b[column];
  const [encoder, what] = column.split(' ');
  const side = sides.find((one) => one.encoder === encoder);
  const value = (slide: ComparedSlide): number => {
    const grade = side?.gradeOf(slide);
    if (!grade) return -1;
    if (what === 'p') return grade.confidence;
    return what === 'grade' ? grade.grade : outcomeRank(grade, slide.label);
  };
  return (a, b) => value(a) - value(b);
}

/** The worst first: wrong and sure of it, wrong but abstaining, right but abstaining, right. */
const outcomeRank = ({ grade, abstains }: SlideGrade, label: number) =>
  grade === label ? (abstains ? 2 : 3) : Number(abstains);
