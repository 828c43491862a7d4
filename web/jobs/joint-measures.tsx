import type { JobDetail } from '@stroma/core/http/job';
import { counted } from '../parts/number-label.ts';
import { evaluationOf, measures } from './evaluation.ts';
import classes from './jobs.module.css';
import { encoderWord } from './stage-word.ts';

const encoders = ['dino', 'gen_dino'] as const;

/** Held-out measures of both jobs' encoders with their intervals; what they were measured on stands above each. */
export function JointMeasures({ jobs }: { jobs: readonly JobDetail[] }) {
  const columns = jobs.flatMap((job) =>
    encoders.flatMap((encoder) => {
      const evaluation = evaluationOf(job.runs, encoder);
      return evaluation ? [{ job, encoder, evaluation }] : [];
    }),
  );
  if (columns.length === 0) return <p className="soft">Neither job has finished its ABMIL folds yet.</p>;
  const number = (value: number | null) => value?.toFixed(2) ?? '–';
  return (
    <div className={classes.comparison}>
      <table data-testid="joint-measures">
        <thead>
          <tr>
            <th scope="col">Held-out folds</th>
            {columns.map(({ job, encoder, evaluation: { slides, folds } }) => (
              <th key={`${job.id} ${encoder}`} scope="col">
                Job {job.id}, {encoderWord[encoder]}
                <div className="soft">
                  {counted(slides ?? 0, 'slide')}, {counted(folds ?? 0, 'fold')}
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {measures.map(([measure, name]) => (
            <tr key={measure}>
              <th scope="row">{name}</th>
              {columns.map(({ job, encoder, evaluation: { values } }) => {
                const found = values[measure];
                return (
                  <td key={`${job.id} ${encoder}`}>
                    {found ? number(found.value) : '–'}{' '}
                    {found && found.low !== null && (
                      <span className="soft">
                        ({number(found.low)}–{number(found.high)})
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">
        In brackets: 95 % interval over resampled patients. Jobs of different cohorts or folds are not measured on the
        same slides: their difference is no evidence.
      </p>
    </div>
  );
}
