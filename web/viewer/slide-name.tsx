import type { SlideDetail } from '@stroma/core/http/slide';
import { encoderWord } from '../jobs/stage-word.ts';
import { Link } from '../parts/link.tsx';
import { gradeOf, type SlideGrades } from './slide-grades.ts';
import classes from './viewer.module.css';

/** Top left: the slide's name, its grade, its label. */
export function SlideName({ slide, grades }: { slide: SlideDetail; grades: SlideGrades }) {
  const best = grades.of.gen_dino ?? grades.of.dino;
  const grade = best && gradeOf(best);
  return (
    <div className={classes.name}>
      <div className={classes.title}>
        <Link href="/slides" aria-label="Back to the slides">
          ←
        </Link>
        <h1 title={slide.name}>{slide.name}</h1>
      </div>
      {best && grade && (
        <span>
          {grade.grade} {grade.probability.toFixed(2)}{' '}
          <span className={classes.faint}>by {encoderWord[best.encoder]}</span>
        </span>
      )}
      {best?.truth && <span className={classes.faint}>label {best.truth}</span>}
    </div>
  );
}
