import type { PredictionMessage } from '@stroma/core/http/slide';
import { encoderWord } from '../jobs/stage-word.ts';
import { gradeOf } from './slide-grades.ts';
import classes from './viewer.module.css';

/** A grade in a line; one that is not sure enough to be given says that first. */
export function GradeWords({ prediction }: { prediction: PredictionMessage }) {
  const { grade, probability } = gradeOf(prediction);
  const abstains = prediction.trust?.abstains ?? false;
  return (
    <span className={classes.grade} data-testid="grade-words" data-abstains={abstains}>
      {abstains && <span className={classes.faint}>abstains, nearest </span>}
      {grade} {probability.toFixed(2)} <span className={classes.faint}>by {encoderWord[prediction.encoder]}</span>
    </span>
  );
}
