import type { MetricSeries } from '@stroma/core/http/job';

export type Series = MetricSeries['series'][number];

export interface Chart {
  title: string;
  series: Series[];
  /** ln K of the phase: a loss that stays at it has learned nothing; an entropy at it has collapsed to uniform. */
  lnK: number | null;
}

/** The sum and the parts it is made of. */
const isLoss = (name: string) => ['loss', 'dino', 'disentangle', 'codebook'].includes(name) || name.endsWith('_loss');
const order = ['loss', 'dino', 'disentangle', 'teacher_entropy', '', 'lr', 'weight_decay', 'momentum'];
const place = ({ name }: Series) => order.indexOf(order.includes(name) ? name : '');

/** One chart a phase for its losses, one for every other quantity; losses first, schedules last. */
export function chartsOf(series: Series[], lnKOfCard: number | null): Chart[] {
  const phases = [...new Set(series.map((one) => one.phase))];
  return phases.flatMap((phase) => {
    const own = series.filter((one) => one.phase === phase && one.steps.length > 0).sort((a, b) => place(a) - place(b));
    const lnK = own.find((one) => one.name === 'ln_k')?.values.findLast((value) => value !== null) ?? lnKOfCard;
    const losses = own.filter((one) => isLoss(one.name));
    const others = own.filter((one) => !isLoss(one.name) && one.name !== 'ln_k');
    const isDino = own.some((one) => one.name === 'teacher_entropy');
    return [
      ...(losses.length > 0 ? [{ title: `${phase}: loss`, series: losses, lnK: isDino ? lnK : null }] : []),
      ...others.map((one) => ({
        title: `${phase}: ${one.name.replaceAll('_', ' ')}`,
        series: [one],
        lnK: one.name === 'teacher_entropy' ? lnK : null,
      })),
    ];
  });
}
