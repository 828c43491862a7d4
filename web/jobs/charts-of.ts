import type { MetricSeries } from '@stroma/core/http/job';
import { type Quantity, quantityOf, quantityOrder } from './quantity.ts';

export type Series = MetricSeries['series'][number];

/** A level to compare with, drawn dashed. */
export interface Level {
  label: string;
  value: number;
}

export interface Chart {
  key: string;
  quantity: Quantity;
  series: Series[];
  level: Level | null;
}

/** The sum and the parts it is made of. */
const isLoss = (name: string) =>
  ['loss', 'dino', 'disentangle', 'codebook', 'l1', 'features', 'adversarial', 'discriminator'].includes(name) ||
  name.endsWith('_loss');
/** These are levels of other charts. */
const isLevel = (name: string) => name === 'ln_k' || name === 'knn_majority';
const place = (name: string) => (quantityOrder.includes(name) ? quantityOrder.indexOf(name) : quantityOrder.length);
const lastOf = (series: readonly Series[], name: string) =>
  series.find((one) => one.name === name)?.values.findLast((value) => value !== null) ?? null;

/** By phase, one chart for its losses and one for every other quantity; losses first, schedules last. */
export function chartsOf(series: readonly Series[], lnKOfCard: number | null): { phase: string; charts: Chart[] }[] {
  const phases = [...new Set(series.map((one) => one.phase))];
  return phases.map((phase) => {
    const all = series.filter((one) => one.phase === phase && one.steps.length > 0);
    // Without a disentanglement its loss is the whole loss: the same line twice.
    const isSum = all.some((one) => one.name === 'disentangle');
    const own = isSum ? all : all.filter((one) => one.name !== 'dino');
    const isDino = own.some((one) => one.name === 'teacher_entropy');
    const lnK = isDino ? (lastOf(own, 'ln_k') ?? lnKOfCard) : null;
    const levels: Record<string, Level | null> = {
      loss: lnK === null ? null : { label: 'ln K', value: lnK },
      teacher_entropy: lnK === null ? null : { label: 'ln K', value: lnK },
      knn_accuracy: levelOf('most common label', lastOf(own, 'knn_majority')),
    };
    const losses = own.filter((one) => isLoss(one.name)).sort((a, b) => place(a.name) - place(b.name));
    const others = own.filter((one) => !isLoss(one.name) && !isLevel(one.name));
    const chart = (name: string, lines: Series[]): Chart => {
      const quantity = quantityOf(name);
      const inNats = isDino || name !== 'loss';
      return {
        key: `${phase} ${name}`,
        quantity: inNats ? quantity : { ...quantity, unit: null },
        series: lines,
        level: levels[name] ?? null,
      };
    };
    const charts = [
      ...(losses.length > 0 ? [chart('loss', losses)] : []),
      ...others.sort((a, b) => place(a.name) - place(b.name)).map((one) => chart(one.name, [one])),
    ];
    return { phase, charts };
  });
}

const levelOf = (label: string, value: number | null) => (value === null ? null : { label, value });
