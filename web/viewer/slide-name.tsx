import type { PredictionMessage, SlideDetail } from '@stroma/core/http/slide';
import { Link } from '../parts/link.tsx';
import { GradeWords } from './grade-words.tsx';
import classes from './viewer.module.css';

interface Props {
  slide: SlideDetail;
  /** By the encoder whose heat map is on the slide. */
  prediction: PredictionMessage | undefined;
}

/** Top left: the slide's name, its grade, its label. */
export function SlideName({ slide, prediction }: Props) {
  return (
    <div className={classes.name}>
      <div className={classes.title}>
        <Link href="/slides" aria-label="Back to the slides">
          ←
        </Link>
        <h1 title={slide.name}>{slide.name}</h1>
      </div>
      {prediction && <GradeWords prediction={prediction} />}
      {prediction?.truth && <span className={classes.faint}>label {prediction.truth}</span>}
    </div>
  );
}
