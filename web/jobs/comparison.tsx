import type { RunMessage } from '@stroma/core/http/job';
import { IntervalBar } from '../parts/interval-bar.tsx';
import { counted } from '../parts/number-label.ts';
import { type Evaluation, evaluationOf, type Measure, measures } from './evaluation.ts';
import classes from './jobs.module.css';
import { encoderWord } from './stage-word.ts';

const encoders = ['dino', 'gen_dino'] as const;

/** DINO beside Gen-DINO on the same folds: each number with its interval, each column with what it was computed on. */
export function Comparison({ runs }: { runs: RunMessage[] }) {
  const evaluations = encoders.map((encoder) => ({ encoder, evaluation: evaluationOf(runs, encoder) }));
  if (evaluations.every((one) => !one.evaluation))
    return <p className="soft">Grades are compared here when the ABMIL folds of an encoder are done.</p>;
  const shown = measures.filter(([measure]) => evaluations.some((one) => one.evaluation?.values[measure]));
  return (
    <div className={classes.comparison}>
      <table>
        <thead>
          <tr>
            <th scope="col">Held-out folds</th>
            {evaluations.map(({ encoder, evaluation }) => (
              <th key={encoder} scope="col">
                {encoderWord[encoder]}
                <div className="soft">{evaluation ? basis(evaluation) : 'not done yet'}</div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(([measure, name]) => (
            <tr key={measure}>
              <th scope="row">{name}</th>
              {evaluations.map(({ encoder, evaluation }) => (
                <td key={encoder}>{evaluation ? <Value evaluation={evaluation} measure={measure} /> : '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">
        In brackets: 95 % interval over resampled patients, on slides that the fold’s model never saw.
      </p>
    </div>
  );
}

const basis = ({ slides, folds }: Evaluation) =>
  [slides === null ? null : counted(slides, 'slide'), folds === null ? null : counted(folds, 'fold')]
    .filter(Boolean)
    .join(', ');

function Value({ evaluation, measure }: { evaluation: Evaluation; measure: Measure }) {
  const found = evaluation.values[measure];
  if (!found) return <>–</>;
  const { value, low, high } = found;
  const known = low !== null && high !== null;
  return (
    <span className={classes.value}>
      <span>{value.toFixed(2)}</span>
      {known && (
        <span className="soft">
          ({low.toFixed(2)}–{high.toFixed(2)})
        </span>
      )}
      {known && measure !== 'kappa' && <IntervalBar value={value} low={low} high={high} />}
    </span>
  );
}
