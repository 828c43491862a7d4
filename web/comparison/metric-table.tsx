import type { GradeMetric } from '@stroma/core/contract/grade-evaluation';
import type { JobComparison, PairedGrades } from '@stroma/core/http/comparison';
import { IntervalBar } from '../parts/interval-bar.tsx';
import { counted } from '../parts/number-label.ts';
import { Scroll } from '../parts/scroll.tsx';
import classes from './comparison.module.css';
import type { Side } from './sides.ts';
import { differenceWords, isMoreThanChance, metricWords, pWord, two } from './words.ts';

/** Each number with its interval, and the paired difference in words. */
export function MetricTable({ data, sides }: { data: JobComparison; sides: Side[] }) {
  const { paired } = data;
  return (
    <>
      <Scroll label="Metrics of both encoders" className={classes.scroll}>
        <table className={classes.table} data-testid="comparison-metrics">
          <thead>
            <tr>
              <th scope="col">Out of fold</th>
              {sides.map(({ encoder, word, grades }) => (
                <th key={encoder} scope="col">
                  {word}
                  <div className="soft">{basis(grades)}</div>
                </th>
              ))}
              {paired && (
                <th scope="col">
                  Gen-DINO less DINO
                  <div className="soft">
                    {counted(paired.slides, 'slide')} graded by both, {counted(paired.patients, 'patient')}
                  </div>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {metricWords.map(([metric, word]) => (
              <tr key={metric}>
                <th scope="row">{word}</th>
                {sides.map((side) => (
                  <td key={side.encoder} data-metric={`${side.encoder} ${metric}`}>
                    <Value side={side} metric={metric} />
                  </td>
                ))}
                {paired && (
                  <td data-metric={`difference ${metric}`}>
                    <DifferenceCell paired={paired} metric={metric} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p className="soft">
        In brackets: 95 % interval over resampled patients.{' '}
        {paired &&
          `The difference is that of the same ${counted(paired.resamples, 'resample')} for both (seed ${paired.seed}). Of five measures about one in twenty tests finds more than chance where there is none.`}
      </p>
      {paired && <Mcnemar paired={paired} />}
    </>
  );
}

function basis({ slides, patients, folds, seeds }: Side['grades']): string {
  const models = seeds > 1 ? `${folds} folds × ${seeds} seeds` : counted(folds, 'fold');
  return `${counted(slides, 'slide')}, ${counted(patients, 'patient')}, ${models}`;
}

function Value({ side: { grades }, metric }: { side: Side; metric: GradeMetric }) {
  const value = grades.metrics[metric];
  const [low = null, high = null] = grades.intervals[metric];
  if (value === null) return <span className="soft">not defined: the labels are all of one class</span>;
  const known = low !== null && high !== null;
  return (
    <span className={classes.value}>
      <span>{two(value)}</span>
      <span className="soft">{known && `(${two(low)} to ${two(high)})`}</span>
      {known && <IntervalBar value={value} low={low} high={high} from={metric === 'kappa' ? -1 : 0} />}
    </span>
  );
}

function DifferenceCell({ paired, metric }: { paired: PairedGrades; metric: GradeMetric }) {
  const difference = paired.differences[metric];
  if (!difference) return <span className="soft">not defined on these slides</span>;
  return (
    <span data-beyond={isMoreThanChance(difference) || undefined} className={classes.difference}>
      {differenceWords(difference)} <span className="soft">({pWord(difference.p)})</span>
    </span>
  );
}

function Mcnemar({ paired: { mcnemar, slides, patients, leftOut } }: { paired: PairedGrades }) {
  const { bothRight, bothWrong, dinoAlone, genDinoAlone, p } = mcnemar;
  return (
    <p data-testid="mcnemar">
      Of {counted(slides, 'slide')} both are right on {bothRight} and both wrong on {bothWrong}; DINO alone is right on{' '}
      {dinoAlone}, Gen-DINO alone on {genDinoAlone}. McNemar’s exact test of the accuracy: {pWord(p)}.
      {patients < slides && ' It takes slides of one patient as independent; the intervals above do not.'}
      {leftOut > 0 &&
        ` ${counted(leftOut, 'slide')} that only one of them graded ${leftOut === 1 ? 'is' : 'are'} left out.`}
    </p>
  );
}
