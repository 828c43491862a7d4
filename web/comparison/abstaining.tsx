import { counted, percent } from '../parts/number-label.ts';
import classes from './comparison.module.css';
import { NumbersTable } from './numbers-table.tsx';
import type { Side } from './sides.ts';
import { atX, atY, pathOf, UnitPlot } from './unit-plot.tsx';
import { two } from './words.ts';

/** How many slides are answered if unsure grades abstain, and how many of those are right. */
export function Abstaining({ sides }: { sides: Side[] }) {
  const target = sides[0]?.grades.calibration.abstain.target_accuracy ?? 1;
  return (
    <div className={classes.sides}>
      <figure className={classes.figure}>
        <figcaption>Accuracy of the grades given</figcaption>
        <UnitPlot
          x="Share of slides answered, the surest first"
          y="Share that is right"
          label={`Accuracy by coverage. ${sides.map((side) => `${side.word}: ${sentence(side)}`).join(' ')}`}
        >
          <path className={classes.chance} d={`M${atX(0)} ${atY(target)}H${atX(1)}`} />
          {sides.map(({ encoder, grades }) => (
            <path
              key={encoder}
              className={classes.line}
              data-encoder={encoder}
              d={pathOf(grades.calibration.coverage.map((point) => [point.coverage, point.accuracy]))}
            />
          ))}
        </UnitPlot>
        <ul className={classes.legend}>
          {sides.map(({ encoder, word }) => (
            <li key={encoder}>
              <svg width="26" height="8" aria-hidden="true">
                <path className={classes.line} data-encoder={encoder} d="M0 4H26" />
              </svg>
              <span>{word}</span>
            </li>
          ))}
          <li>
            <svg width="26" height="8" aria-hidden="true">
              <path className={classes.chance} d="M0 4H26" />
            </svg>
            <span>wanted: {percent(target)}</span>
          </li>
        </ul>
        <NumbersTable
          label="Accuracy by coverage"
          titles={['encoder', 'probability at least', 'slides', 'share answered', 'share right']}
          rows={sides.flatMap(({ word, grades }) =>
            grades.calibration.coverage.map((point) => [
              word,
              point.threshold.toFixed(4),
              point.slides,
              point.coverage.toFixed(3),
              point.accuracy.toFixed(3),
            ]),
          )}
        />
      </figure>
      <dl className={classes.words} data-testid="abstaining">
        {sides.map((side) => (
          <div key={side.encoder}>
            <dt>{side.word}</dt>
            <dd>{sentence(side)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function sentence({ grades }: Side): string {
  const { all, abstain } = grades.calibration;
  const { answered, right, slides, target_accuracy, least_slides } = abstain;
  const band =
    all.abstain_below === null
      ? `Every grade of a new slide abstains: from no probability on are ${percent(target_accuracy)} of ${counted(least_slides, 'slide')} or more right.`
      : `A new slide’s grade abstains below a calibrated probability of ${two(all.abstain_below)}.`;
  const share = answered > 0 ? `, ${percent(right / answered)}` : '';
  return `${band} With thresholds from the other folds ${answered} of ${counted(slides, 'slide')} are answered and ${right} of those are right${share}.`;
}
