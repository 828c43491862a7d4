import type { ComparedSlide } from '@stroma/core/http/comparison';
import { Link } from '../parts/link.tsx';
import { bothHeatMaps } from '../viewer/second-address.ts';
import classes from './results.module.css';
import type { Side } from './sides.ts';
import type { SlideColumn, SlideOrder } from './slide-rows.ts';
import { two } from './words.ts';

const own: [SlideColumn, string][] = [
  ['slide', 'Slide'],
  ['patient', 'Patient'],
  ['label', 'Label'],
  ['fold', 'Fold'],
];
const ofEach = [
  ['outcome', 'right or wrong'],
  ['grade', 'grade'],
  ['p', 'probability'],
] as const;

interface Props {
  jobId: number;
  names: string[];
  sides: Side[];
  rows: ComparedSlide[];
  order: SlideOrder;
  onOrder: (order: SlideOrder) => void;
}

/** A line a slide; a heading sorts by its column, and once more the other way round. */
export function ResultsTable({ jobId, names, sides, rows, order, onOrder }: Props) {
  const heading = (column: SlideColumn, title: string) => {
    const isSorted = order.column === column;
    const direction = order.descending ? 'descending' : 'ascending';
    return (
      <th key={column} scope="col" aria-sort={isSorted ? direction : 'none'}>
        <button type="button" onClick={() => onOrder({ column, descending: isSorted && !order.descending })}>
          {title} <span aria-hidden="true">{isSorted && (order.descending ? '↓' : '↑')}</span>
        </button>
      </th>
    );
  };
  return (
    <div className={classes.scroll}>
      <table className={classes.results} aria-label="Grades slide by slide" data-testid="slide-results">
        <thead>
          <tr>
            <td colSpan={own.length} />
            {sides.map(({ encoder, word }) => (
              <th key={encoder} scope="colgroup" colSpan={ofEach.length}>
                {word}
              </th>
            ))}
          </tr>
          <tr>
            {own.map(([column, title]) => heading(column, title))}
            {sides.map(({ encoder }) => ofEach.map(([what, title]) => heading(`${encoder} ${what}`, title)))}
          </tr>
        </thead>
        <tbody>
          {rows.map((slide) => (
            <tr key={slide.slideId}>
              <th scope="row">
                <Link
                  href={slide.dino && slide.genDino ? bothHeatMaps(slide.slideId, jobId) : oneHeatMap(slide, jobId)}
                >
                  {slide.name}
                </Link>
              </th>
              <td>{slide.patientId}</td>
              <td>{names[slide.label]}</td>
              <td>{slide.fold}</td>
              {sides.map((side) => (
                <Grade key={side.encoder} names={names} slide={slide} side={side} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Grade({ names, slide, side }: { names: string[]; slide: ComparedSlide; side: Side }) {
  const grade = side.gradeOf(slide);
  if (!grade) {
    return (
      <td colSpan={ofEach.length} className="soft">
        not graded
      </td>
    );
  }
  const isRight = grade.grade === slide.label;
  return (
    <>
      <td data-wrong={!isRight || undefined}>
        {isRight ? '✓ right' : '✗ wrong'}
        {grade.abstains && <span className="soft">, abstains</span>}
      </td>
      <td>{names[grade.grade]}</td>
      <td>{two(grade.confidence)}</td>
    </>
  );
}

const oneHeatMap = ({ slideId }: ComparedSlide, jobId: number) => `/slides/${slideId}?job=${jobId}`;
