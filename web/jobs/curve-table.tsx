import { useState } from 'react';
import { count } from '../parts/number-label.ts';
import { Scroll } from '../parts/scroll.tsx';
import type { Chart } from './charts-of.ts';
import classes from './jobs.module.css';

const mostRows = 24;

/** The chart's numbers as text, written only when somebody asks for them; of many steps, some evenly apart and the last. */
export function CurveTable({ chart }: { chart: Chart }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.numbers} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Numbers</summary>
      {open && (
        <Scroll label={`Numbers of ${chart.quantity.title}`}>
          <Rows chart={chart} />
        </Scroll>
      )}
    </details>
  );
}

function Rows({ chart: { series, quantity } }: { chart: Chart }) {
  const steps = [...new Set(series.flatMap((one) => one.steps))].sort((a, b) => a - b);
  const every = Math.ceil(steps.length / mostRows);
  const shown = steps.filter((_, index) => index % every === 0 || index === steps.length - 1);
  const at = series.map((one) => new Map(one.steps.map((step, index) => [step, one.values[index] ?? null])));
  const { unit } = quantity;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">step</th>
          {series.map((one) => (
            <th key={one.name} scope="col">
              {one.name.replaceAll('_', ' ')}
              {unit && ` (${unit})`}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((step) => (
          <tr key={step}>
            <th scope="row">{count(step)}</th>
            {series.map((one, index) => {
              const value = at[index]?.get(step) ?? null;
              return <td key={one.name}>{value === null ? '–' : quantity.write(value)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
