import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../web/jobs/charts-of.ts';
import { quantityOf } from '../../web/jobs/quantity.ts';

const series = (phase: string, name: string, ...values: (number | null)[]) => ({
  ...{ phase, name, values },
  steps: values.map((_, step) => step),
});
const titles = (all: ReturnType<typeof chartsOf>) =>
  all.map(({ phase, charts }) => [phase, ...charts.map((chart) => chart.quantity.title)]);

describe('the curves of a run', () => {
  const dino = [
    series('dino', 'lr', 0, 1e-3),
    series('dino', 'teacher_entropy', 6, 5),
    series('dino', 'dino', 6.2, 6),
    series('dino', 'loss', 6.2, 6),
    series('dino', 'ln_k', 6.24, null),
    series('dino', 'knn_majority', 0.5),
    series('dino', 'knn_accuracy', 0.7),
  ];

  it('are the loss first, schedules last, each with the level to compare with', () => {
    const all = chartsOf(dino, null);
    expect(titles(all)).toEqual([
      ['dino', 'Loss', 'Teacher entropy', 'k-NN accuracy on slide labels', 'Learning rate'],
    ]);
    const levels = all[0]?.charts.map((chart) => chart.level && `${chart.level.label} ${chart.level.value}`);
    expect(levels).toEqual(['ln K 6.24', 'ln K 6.24', 'most common label 0.5', null]);
  });

  it('show the parts of the loss only where there are several', () => {
    const lines = (all: ReturnType<typeof chartsOf>) => all[0]?.charts[0]?.series.map((one) => one.name);
    expect(lines(chartsOf(dino, null))).toEqual(['loss']);
    expect(lines(chartsOf([...dino, series('dino', 'disentangle', 6.3)], null))).toEqual([
      'loss',
      'dino',
      'disentangle',
    ]);
  });

  it('keep phases apart; an E-LDM has no ln K, and its loss no unit', () => {
    const all = chartsOf(
      [series('autoencoder', 'l1', 0.1), series('unet', 'loss', 1), series('unet', 'odd_name', 1)],
      6,
    );
    expect(titles(all)).toEqual([
      ['autoencoder', 'Loss'],
      ['unet', 'Loss', 'odd name'],
    ]);
    expect(all[1]?.charts[0]).toMatchObject({ level: null, quantity: { unit: null } });
  });

  it('leave out what has no numbers', () => {
    expect(chartsOf([series('dino', 'loss')], 6)[0]?.charts).toEqual([]);
  });
});

it('numbers are written in the quantity’s unit', () => {
  expect(quantityOf('knn_accuracy').write(0.875)).toBe('88 %');
  expect(quantityOf('momentum').write(0.99961)).toBe('0.9996');
  expect(quantityOf('images_per_s')).toMatchObject({ title: 'Throughput', unit: 'crops/s' });
});
