'use client';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { count } from '../parts/number-label.ts';
import type { Chart } from './charts-of.ts';
import { curveOptions, height } from './curve-options.ts';
import { CurveTable } from './curve-table.tsx';
import classes from './jobs.module.css';

/** One chart; drawn anew when its lines or the theme change, otherwise fed with data only. */
export function Curve({ chart }: { chart: Chart }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme();
  const names = chart.series.map((one) => one.name).join(' ');
  const data = tableOf(chart);
  const newest = useRef(data);
  newest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is read from the page's variables
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const made = new uPlot(curveOptions(element, chart), newest.current, element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, scheme, chart.level?.label]);

  useEffect(() => plot.current?.setData(data), [data]);
  const { title, unit, write } = chart.quantity;
  return (
    <figure className={classes.curve}>
      <figcaption>
        {title}
        {unit && <span className="soft"> ({unit})</span>}
        {chart.level && (
          <span className="soft">
            , dashed: {chart.level.label} = {write(chart.level.value)}
          </span>
        )}
      </figcaption>
      <div ref={frame} role="img" aria-label={summaryOf(chart)} />
      <CurveTable chart={chart} />
    </figure>
  );
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

/** Series may have steps of their own: one table over all of them. */
function tableOf(chart: Chart): uPlot.AlignedData {
  const tables = chart.series.map((one): uPlot.AlignedData => [one.steps, one.values]);
  const joined = tables.length === 1 && tables[0] ? tables[0] : uPlot.join(tables);
  const { level } = chart;
  if (!level) return joined;
  return [...joined, Array.from(joined[0], () => level.value)] as unknown as uPlot.AlignedData;
}
