'use client';
import { useMemo, useState } from 'react';
import { count } from '../parts/number-label.ts';
import type { Chart } from './charts-of.ts';
import classes from './curve.module.css';
import { CurveLegend } from './curve-legend.tsx';
import { CurvePlot } from './curve-plot.tsx';
import { nearest, type Range } from './curve-scale.ts';
import { CurveTable } from './curve-table.tsx';
import { useCurvePointer } from './use-curve-pointer.ts';

/** One chart: pointing reads the numbers at a step, dragging looks at some steps alone, a double click at all again. */
export function Curve({ chart }: { chart: Chart }) {
  const [zoom, setZoom] = useState<Range | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const all = useMemo(
    () => [...new Set(chart.series.flatMap((one) => one.steps))].sort((a, b) => a - b),
    [chart.series],
  );
  const [from, to] = zoom ?? [all[0] ?? 0, all.at(-1) ?? 0];
  const stepAt = (share: number) => nearest(all, from + share * (to - from)) ?? from;
  const pointer = useCurvePointer(([left, right]) => {
    // From step to step, as they were pointed at: a range between two steps would show neither.
    if (stepAt(left) < stepAt(right)) setZoom([stepAt(left), stepAt(right)]);
  });
  const pointed = pointer.at === null || all.length === 0 ? null : stepAt(pointer.at);
  const { title, unit, write } = chart.quantity;
  return (
    <figure className={classes.curve} data-testid="curve">
      <figcaption>
        {title}
        {unit && <span className="soft"> ({unit})</span>}
        {chart.level && (
          <span className="soft">
            , dashed: {chart.level.label} = {write(chart.level.value)}
          </span>
        )}
        {zoom && (
          <button type="button" className={classes.whole} onClick={() => setZoom(null)}>
            All steps
          </button>
        )}
      </figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button above does the same by keyboard */}
      <div onDoubleClick={() => setZoom(null)}>
        <CurvePlot
          chart={chart}
          hidden={hidden}
          steps={[from, to]}
          pointed={pointed}
          pointer={pointer}
          label={summaryOf(chart)}
        />
      </div>
      <CurveLegend
        chart={chart}
        // The newest values while nobody points at others.
        step={pointed ?? all.at(-1) ?? 0}
        hidden={hidden}
        onToggle={(name) => setHidden((before) => toggled(before, name))}
      />
      <CurveTable chart={chart} />
    </figure>
  );
}

function toggled(before: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(name)) after.add(name);
  return after;
}

/** What a person who does not see the lines is told; the numbers are in the table below. */
function summaryOf({ series, quantity, level }: Chart): string {
  const lines = series.map(({ name, steps, values }) => {
    const known = values.filter((value) => value !== null);
    const [first, last] = [known[0], known.at(-1)];
    if (first === undefined || last === undefined) return `${name}: no numbers yet`;
    const range = `lowest ${quantity.write(Math.min(...known))}, highest ${quantity.write(Math.max(...known))}`;
    const from = `from ${quantity.write(first)} to ${quantity.write(last)}`;
    return `${name.replaceAll('_', ' ')} ${from} at step ${count(steps.at(-1) ?? 0)}, ${range}`;
  });
  const compared = level ? `; ${level.label} is ${quantity.write(level.value)}` : '';
  return `${quantity.title}: ${lines.join('; ')}${compared}`;
}
