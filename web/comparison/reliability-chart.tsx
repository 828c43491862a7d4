import type { Reliability } from '@stroma/core/contract/grade-evaluation';
import { counted } from '../parts/number-label.ts';
import classes from './comparison.module.css';
import { NumbersTable } from './numbers-table.tsx';
import type { Side } from './sides.ts';
import { atX, atY, pathOf, UnitPlot } from './unit-plot.tsx';
import { two } from './words.ts';

/** How sure the grades are against how often they are right, before and after the temperature. */
export function ReliabilityChart({ side }: { side: Side }) {
  const { before, after, by_fold, all } = side.grades.calibration;
  const temperatures = by_fold.map((one) => one.temperature);
  const range = `${two(Math.min(...temperatures))} to ${two(Math.max(...temperatures))}`;
  return (
    <figure className={classes.figure} data-testid={`reliability-${side.encoder}`}>
      <figcaption>
        {side.word} <span className="soft">{counted(side.grades.slides, 'slide')}</span>
      </figcaption>
      <UnitPlot
        x="Probability of the grade"
        y="Share that is right"
        label={`Reliability of ${side.word}: expected calibration error ${two(before.ece)} before and ${two(after.ece)} after calibration`}
      >
        <path
          className={classes.chance}
          d={pathOf([
            [0, 0],
            [1, 1],
          ])}
        />
        <Bins of={before} most={side.grades.slides} className={classes.before} />
        <Bins of={after} most={side.grades.slides} className={classes.after} />
      </UnitPlot>
      <ul className={classes.legend}>
        <li>
          <svg width="26" height="10" aria-hidden="true">
            <circle cx="13" cy="5" r="4" className={classes.before} />
          </svg>
          <span>as the network says it: error {two(before.ece)}</span>
        </li>
        <li>
          <svg width="26" height="10" aria-hidden="true">
            <circle cx="13" cy="5" r="4" className={classes.after} />
          </svg>
          <span>calibrated: error {two(after.ece)}</span>
        </li>
      </ul>
      <p className="soft">
        Temperatures {range}, each fitted on the other folds; {two(all.temperature)} for new slides. The error is the
        mean distance from the line, by slides; a larger point is more slides.
      </p>
      <NumbersTable
        label={`Reliability of ${side.word}`}
        titles={['', 'probability', 'slides', 'mean probability', 'share right']}
        rows={[...rowsOf('as said', before), ...rowsOf('calibrated', after)]}
      />
    </figure>
  );
}

function Bins({ of, most, className }: { of: Reliability; most: number; className: string | undefined }) {
  return (
    <>
      <path className={className} data-line d={pathOf(of.bins.map((bin) => [bin.confidence, bin.accuracy]))} />
      {of.bins.map((bin) => (
        <circle
          key={bin.low}
          className={className}
          cx={atX(bin.confidence)}
          cy={atY(bin.accuracy)}
          r={3 + 7 * Math.sqrt(bin.slides / most)}
        >
          <title>{`${counted(bin.slides, 'slide')} at ${two(bin.confidence)}: ${two(bin.accuracy)} right`}</title>
        </circle>
      ))}
    </>
  );
}

const rowsOf = (when: string, { bins }: Reliability) =>
  bins.map((bin) => [
    when,
    `${bin.low.toFixed(1)} to ${bin.high.toFixed(1)}`,
    bin.slides,
    bin.confidence.toFixed(3),
    bin.accuracy.toFixed(3),
  ]);
