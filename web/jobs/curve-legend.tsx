import { count } from '../parts/number-label.ts';
import type { Chart } from './charts-of.ts';
import classes from './curve.module.css';
import { colourOf } from './curve-plot.tsx';

interface Props {
  chart: Chart;
  step: number;
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
}

/** Each line's value at one step; a line that is pressed is hidden, so that the others have the room. */
export function CurveLegend({ chart: { series, quantity, level }, step, hidden, onToggle }: Props) {
  return (
    <div className={classes.legend}>
      <span>step {count(step)}</span>
      {series.map((one, index) => {
        const value = one.values[one.steps.indexOf(step)] ?? null;
        return (
          <button
            key={one.name}
            type="button"
            aria-pressed={!hidden.has(one.name)}
            title={hidden.has(one.name) ? 'Show this line' : 'Hide this line'}
            onClick={() => onToggle(one.name)}
          >
            <i style={{ background: colourOf(index) }} />
            {one.name.replaceAll('_', ' ')} {value === null ? '–' : quantity.write(value)}
          </button>
        );
      })}
      {level && (
        <span>
          <i className={classes.dashed} />
          {level.label} {quantity.write(level.value)}
        </span>
      )}
    </div>
  );
}
