import type { MetricSeries } from '@stroma/core/http/job';
import type { MetricPoint } from '@stroma/db/run-list';

export const maxPoints = 1_000;

/** One series for each phase and name, in the order in which they first appear. */
export function metricSeries(points: readonly MetricPoint[]): MetricSeries['series'] {
  const series = new Map<string, MetricSeries['series'][number]>();
  for (const { phase, step, values } of points) {
    for (const [name, value] of Object.entries(values)) {
      const key = `${phase}\n${name}`;
      const one = series.get(key) ?? { phase, name, steps: [], values: [] };
      one.steps.push(step);
      one.values.push(value);
      series.set(key, one);
    }
  }
  return [...series.values()].map(({ steps, values, ...rest }) => ({
    ...rest,
    steps: thin(steps),
    values: thin(values),
  }));
}

/** Every k-th item and the last one, at most maxPoints together. */
function thin<T>(items: readonly T[]): T[] {
  const every = Math.ceil(items.length / (maxPoints - 1));
  return every <= 1 ? [...items] : items.filter((_, i) => i % every === 0 || i === items.length - 1);
}
