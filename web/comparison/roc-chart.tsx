import type { JobComparison } from '@stroma/core/http/comparison';
import { rocCurve } from '@stroma/core/statistics/roc-curve';
import { classColour } from '../cohorts/class-colour.ts';
import { counted } from '../parts/number-label.ts';
import classes from './comparison.module.css';
import { NumbersTable } from './numbers-table.tsx';
import type { Side } from './sides.ts';
import { pathOf, UnitPlot } from './unit-plot.tsx';
import { two } from './words.ts';

/** Colour alone does not tell the classes apart. */
const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 2', '1 2'];
const mostRows = 40;

/** One curve a class from the out-of-fold probabilities; a class without slides has none, and that is said. */
export function RocChart({ data, side }: { data: JobComparison; side: Side }) {
  const graded = data.slides.flatMap((slide) => {
    const grade = side.gradeOf(slide);
    return grade ? [{ label: slide.label, probabilities: grade.probabilities }] : [];
  });
  const curves = data.classes.map((name, k) => ({
    ...{ name, area: side.grades.aucByClass[name] ?? null, dash: dashes[k % dashes.length] },
    slides: graded.filter((slide) => slide.label === k).length,
    points: rocCurve(graded.map((row) => ({ positive: row.label === k, score: row.probabilities[k] ?? 0 }))),
  }));
  const drawn = curves.filter((curve) => curve.points);
  return (
    <figure className={classes.figure} data-testid={`roc-${side.encoder}`}>
      <figcaption>
        {side.word} <span className="soft">{counted(graded.length, 'slide')}</span>
      </figcaption>
      <UnitPlot
        x="False positive rate"
        y="True positive rate"
        label={`ROC curves of ${side.word}. ${curves.map((curve) => `${curve.name}: ${areaWord(curve.area)}`).join('; ')}`}
      >
        <path
          className={classes.chance}
          d={pathOf([
            [0, 0],
            [1, 1],
          ])}
        />
        {drawn.map(({ name, points, dash }) => (
          <path
            key={name}
            className={classes.line}
            style={{ stroke: classColour(data.classes, name), strokeDasharray: dash }}
            d={pathOf((points ?? []).map((point) => [point.falsePositiveRate, point.truePositiveRate]))}
          />
        ))}
      </UnitPlot>
      <ul className={classes.legend}>
        {curves.map(({ name, area, slides, dash }) => (
          <li key={name}>
            <svg width="26" height="8" aria-hidden="true">
              <path
                className={classes.line}
                d="M0 4H26"
                style={{ stroke: classColour(data.classes, name), strokeDasharray: dash }}
              />
            </svg>
            <span>
              {name}: {areaWord(area)} <span className="soft">{counted(slides, 'slide')}</span>
            </span>
          </li>
        ))}
      </ul>
      <NumbersTable
        label={`ROC of ${side.word}`}
        titles={['class', 'probability at least', 'false positive rate', 'true positive rate']}
        rows={drawn.flatMap(({ name, points = [] }) => {
          const every = Math.ceil(points.length / mostRows);
          return points
            .filter((_, index) => index % every === 0 || index === points.length - 1)
            .map((point) => [
              name,
              Number.isFinite(point.threshold) ? point.threshold.toFixed(4) : 'none',
              point.falsePositiveRate.toFixed(3),
              point.truePositiveRate.toFixed(3),
            ]);
        })}
      />
    </figure>
  );
}

const areaWord = (area: number | null) =>
  area === null ? 'AUC not defined, slides of this class are missing or are all there are' : `AUC ${two(area)}`;
