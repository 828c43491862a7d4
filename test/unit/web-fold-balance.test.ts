import { expect, it } from 'vitest';
import { type Balance, balanceRows } from '../../web/cohorts/balance-rows.ts';

const slide = (fold: number, label: string | null, site: string | null = null) =>
  ({ fold, label, site }) as Balance['slides'][number];
const rows = (slides: Balance['slides']) =>
  balanceRows({ slides, classes: ['benign', 'G3'], foldCount: 3 }).map(
    ({ of, name, slides }) => `${of} ${name}: ${slides.join(' ')}`,
  );

it('counts slides by fold of every class, also where a fold has none', () => {
  expect(rows([slide(0, 'benign'), slide(2, 'benign'), slide(2, 'benign'), slide(1, 'G3')])).toEqual([
    'label benign: 1 0 2',
    'label G3: 0 1 0',
  ]);
});

it('tells slides without a label, and sites where any is named', () => {
  expect(rows([slide(0, null, 'B'), slide(1, 'G3', 'A'), slide(1, 'G3', 'A'), slide(2, 'benign')])).toEqual([
    ...['label benign: 0 0 1', 'label G3: 0 2 0', 'label null: 1 0 0'],
    ...['site A: 0 2 0', 'site B: 1 0 0', 'site null: 0 0 1'],
  ]);
});
