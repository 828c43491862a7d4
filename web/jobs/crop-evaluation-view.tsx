import { Button } from '@mantine/core';
import { cropEvaluation, type Score } from '@stroma/core/contract/crop-evaluation';
import type { RunMessage } from '@stroma/core/http/job';
import { counted } from '../parts/number-label.ts';
import classes from './jobs.module.css';
import { encoderWord } from './stage-word.ts';

/** What a finished evaluation says in short, and the way to its report. */
export function CropEvaluationView({ run }: { run: RunMessage }) {
  const found = cropEvaluation(run.result);
  if (run.status !== 'succeeded' || !found) return null;
  return (
    <>
      <div className={classes.comparison}>
        <table data-testid="crop-evaluation">
          <thead>
            <tr>
              <th scope="col">Encoder</th>
              <th scope="col">k-NN, balanced accuracy</th>
              <th scope="col">Linear probe</th>
              <th scope="col">Fréchet distance, generated</th>
              <th scope="col">between real halves</th>
            </tr>
          </thead>
          <tbody>
            {found.encoders.map(({ encoder, knn, probe, frechet }) => (
              <tr key={encoder}>
                <th scope="row">{encoderWord[encoder]}</th>
                <td>{scoreLabel(knn)}</td>
                <td>{scoreLabel(probe)}</td>
                <td>{frechet ? frechet.generated.toPrecision(3) : 'not computed'}</td>
                <td>{frechet ? `${frechet.floor.toPrecision(3)}, ${counted(frechet.crops, 'crop')} a side` : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="soft">
        On {counted(found.crops, 'crop')}, each with its slide’s label and judged by other patients’ crops; 95 %
        intervals by patient. Synthetic crops are never among those judged by.
      </p>
      <Button
        component="a"
        href={`/api/runs/${run.id}/report`}
        target="_blank"
        rel="noopener"
        variant="default"
        style={{ alignSelf: 'flex-start', justifySelf: 'start' }}
        data-testid="open-report"
      >
        Open the report
      </Button>
    </>
  );
}

function scoreLabel(score: Score | null): string {
  if (!score) return 'left out';
  const interval =
    score.low === null || score.high === null ? '' : ` (${score.low.toFixed(2)}–${score.high.toFixed(2)})`;
  return `${score.value.toFixed(2)}${interval}`;
}
