'use client';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { figure } from '../parts/number-label.ts';
import type { Chart } from './charts-of.ts';
import classes from './jobs.module.css';

const height = 190;

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
    const made = new uPlot(options(element, names.split(' '), chart.lnK !== null), newest.current, element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, scheme, chart.lnK !== null]);

  useEffect(() => plot.current?.setData(data), [data]);
  const end = chart.series
    .map((one) => `${one.name} ${figureOrDash(one.values.findLast((value) => value !== null))}`)
    .join(', ');
  return (
    <figure className={classes.curve} aria-label={`${chart.title}, last value: ${end}`}>
      <figcaption>
        {chart.title}
        {chart.lnK !== null && <span className="soft"> (dashed: ln K = {chart.lnK.toFixed(2)})</span>}
      </figcaption>
      <div ref={frame} />
    </figure>
  );
}

/** Series may have steps of their own: one table over all of them. */
function tableOf(chart: Chart): uPlot.AlignedData {
  const tables = chart.series.map((one): uPlot.AlignedData => [one.steps, one.values]);
  const joined = tables.length === 1 && tables[0] ? tables[0] : uPlot.join(tables);
  if (chart.lnK === null) return joined;
  return [
    ...joined,
    joined[0].length > 0 ? Array.from(joined[0], () => chart.lnK) : [],
  ] as unknown as uPlot.AlignedData;
}

function options(element: HTMLElement, names: string[], withLnK: boolean): uPlot.Options {
  const style = getComputedStyle(element);
  const ink = style.getPropertyValue('--ink-soft').trim();
  const line = style.getPropertyValue('--line').trim();
  const colours = ['--accent', '--class-1', '--class-2', '--class-3', '--class-4'].map((name) =>
    style.getPropertyValue(name).trim(),
  );
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    font: `11px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height,
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 28, incrs: wholeSteps },
      { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => figureOrDash(tick)) },
    ],
    legend: { show: true },
    // The legend shows the newest values while nobody points at others.
    hooks: {
      ready: [showNewest],
      setData: [showNewest],
      setCursor: [(plot) => plot.cursor.idx == null && showNewest(plot)],
    },
    series: [
      { label: 'step' },
      ...names.map((name, index) => ({
        label: name.replaceAll('_', ' '),
        stroke: colours[index % colours.length] ?? ink,
        width: 1.5,
        points: { show: false },
        spanGaps: true,
        value: (_: uPlot, value: number | null) => figureOrDash(value),
      })),
      ...(withLnK
        ? [
            {
              label: 'ln K',
              stroke: ink,
              width: 1,
              dash: [5, 4],
              points: { show: false },
              value: (_: uPlot, value: number | null) => figureOrDash(value),
            },
          ]
        : []),
    ],
  };
}

const figureOrDash = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : figure(value);

const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 2e4, 5e4, 1e5, 1e6];

function showNewest(plot: uPlot) {
  const idx = plot.data[0].length - 1;
  if (idx >= 0) plot.setLegend({ idx }, false);
}
