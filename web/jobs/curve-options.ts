import type uPlot from 'uplot';
import type { Chart } from './charts-of.ts';

export const height = 190;
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 2e4, 5e4, 1e5, 1e6];

/** Colours are those of the page's theme at the time. */
export function curveOptions(element: HTMLElement, { series, quantity, level }: Chart): uPlot.Options {
  const style = getComputedStyle(element);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  const [ink, line] = [colourOf('--ink-soft'), colourOf('--line')];
  const colours = ['--accent', '--class-1', '--class-2', '--class-3', '--class-4'].map(colourOf);
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    font: `11px ${style.fontFamily}`,
  };
  const write = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : quantity.write(value);
  const value = (_: uPlot, found: number | null) => write(found);
  // A few numbers are seen as points; many as a line alone.
  const sparse = Math.max(...series.map((one) => one.steps.length)) <= 12;
  return {
    width: element.clientWidth,
    height,
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 28, incrs: wholeSteps },
      { ...axis, size: 58, values: (_, ticks) => ticks.map(write) },
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
      ...series.map(({ name }, index) => ({
        label: name.replaceAll('_', ' '),
        stroke: colours[index % colours.length] ?? ink,
        width: 1.5,
        points: { show: sparse, size: 5 },
        spanGaps: true,
        value,
      })),
      ...(level ? [{ label: level.label, stroke: ink, width: 1, dash: [5, 4], points: { show: false }, value }] : []),
    ],
  };
}

function showNewest(plot: uPlot) {
  const idx = plot.data[0].length - 1;
  if (idx >= 0) plot.setLegend({ idx }, false);
}
