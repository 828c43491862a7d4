import { count } from '../parts/number-label.ts';
import type { Chart, Series } from './charts-of.ts';
import classes from './curve.module.css';
import { type Range, roomFor, ticksOf } from './curve-scale.ts';
import type { useCurvePointer } from './use-curve-pointer.ts';

const colours = ['--accent', '--class-1', '--class-2', '--class-3', '--class-4'];
export const colourOf = (index: number) => `var(${colours[index % colours.length]})`;
/** A few numbers are seen as points; many as a line alone. */
const fewSteps = 12;

interface Props {
  chart: Chart;
  /** Names of lines that are not drawn; the others keep their colours. */
  hidden: ReadonlySet<string>;
  steps: Range;
  pointed: number | null;
  pointer: ReturnType<typeof useCurvePointer>;
  label: string;
}

/** Lines over the steps in view. The drawing is 1000 × 1000 whatever its size on screen; strokes are in screen px. */
export function CurvePlot({ chart: { series, quantity, level }, hidden, steps, pointed, pointer, label }: Props) {
  const [from, to] = steps;
  const shown = series.map((one, index) => ({ ...one, index })).filter(({ name }) => !hidden.has(name));
  const inView = shown.flatMap((one) =>
    one.values.filter((value, i): value is number => value !== null && within(one.steps[i], steps)),
  );
  const values = roomFor(level && inView.length > 0 ? [...inView, level.value] : inView);
  const x = (step: number) => (from === to ? 500 : (1000 * (step - from)) / (to - from));
  const y = (value: number) => (1000 * (values[1] - value)) / (values[1] - values[0]);
  const [across, up] = [ticksOf(steps, 6, 1), ticksOf(values, 5)];
  const pointsOf = (one: Series) =>
    one.values.flatMap((value, i) =>
      value === null ? [] : [`${x(one.steps[i] as number).toFixed(1)} ${y(value).toFixed(1)}`],
    );
  return (
    <div className={classes.area} {...pointer.events}>
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label={label}>
        <path
          className={classes.grid}
          d={[...up.map((tick) => `M0 ${y(tick)}H1000`), ...across.map((tick) => `M${x(tick)} 0V1000`)].join('')}
        />
        {level && <path className={classes.level} d={`M0 ${y(level.value)}H1000`} />}
        {shown.map((one) => {
          const points = pointsOf(one);
          const marked = one.steps.length <= fewSteps ? points : pointsOf(at(one, pointed));
          return (
            <g key={one.name} stroke={colourOf(one.index)} data-testid="curve-line" data-points={points.length}>
              <path className={classes.line} d={points.length > 0 ? `M${points.join('L')}` : ''} />
              <path className={classes.dots} d={marked.map((point) => `M${point}h0`).join('')} />
            </g>
          );
        })}
        {pointed !== null && <path className={classes.cursor} d={`M${x(pointed)} 0V1000`} />}
        {pointer.dragged && (
          <rect
            className={classes.dragged}
            x={1000 * pointer.dragged[0]}
            width={1000 * (pointer.dragged[1] - pointer.dragged[0])}
            height="1000"
          />
        )}
      </svg>
      {up.map((tick) => (
        <span key={tick} className={classes.up} style={{ top: `${y(tick) / 10}%` }} aria-hidden="true">
          {quantity.write(tick)}
        </span>
      ))}
      {across.map((tick) => (
        <span key={tick} className={classes.across} style={{ left: `${x(tick) / 10}%` }} aria-hidden="true">
          {count(tick)}
        </span>
      ))}
    </div>
  );
}

const within = (step: number | undefined, [from, to]: Range) => step !== undefined && step >= from && step <= to;

/** The line's point at one step, if it has one. */
function at(one: Series, step: number | null): Series {
  const index = step === null ? -1 : one.steps.indexOf(step);
  return index < 0
    ? { ...one, steps: [], values: [] }
    : { ...one, steps: [one.steps[index] as number], values: [one.values[index] ?? null] };
}
