import type { PredictionMessage } from '@stroma/core/http/slide';
import { counted, percent } from '../parts/number-label.ts';
import classes from './panel.module.css';
import { gradeOf } from './slide-grades.ts';

/** The grade's calibrated probability, or that it abstains and why. */
export function GradeTrustView({ prediction }: { prediction: PredictionMessage }) {
  const { trust } = prediction;
  if (!trust) return <p className={classes.note}>Not calibrated: trained before probabilities were.</p>;
  const { grade } = gradeOf(prediction);
  const probability = Math.max(...trust.probabilities).toFixed(2);
  const wanted = `${percent(trust.targetAccuracy)} of grades right on ${counted(trust.slides, 'held-out slide')}`;
  return (
    <p className={classes.note} data-testid="grade-trust" data-abstains={trust.abstains}>
      <strong>{trust.abstains ? 'Abstains' : grade}</strong>
      {`, calibrated ${probability}: `}
      {trust.abstainBelow === null
        ? `no probability was enough for ${wanted}.`
        : `${trust.abstains ? 'below' : 'at least'} ${trust.abstainBelow.toFixed(2)}, which was enough for ${wanted}.`}
    </p>
  );
}
