import type { CohortDetail } from '@stroma/core/http/cohort';

export type Balance = Pick<CohortDetail, 'slides' | 'classes' | 'foldCount'>;
export interface BalanceRow {
  of: 'label' | 'site';
  /** null: no label, no site named. */
  name: string | null;
  /** Slides by fold. */
  slides: number[];
}

/** Slides by fold of each class, then of each site where any is named, the largest site first. */
export function balanceRows({ slides, classes: names, foldCount }: Balance): BalanceRow[] {
  const countBy = (of: BalanceRow['of'], known: (string | null)[]) => {
    const rows = new Map(known.map((name) => [name, Array<number>(foldCount).fill(0)]));
    for (const slide of slides) {
      const row = rows.get(slide[of]);
      if (row) row[slide.fold] = (row[slide.fold] ?? 0) + 1;
    }
    return [...rows].map(([name, folds]): BalanceRow => ({ of, name, slides: folds }));
  };
  const sites = [...new Set(slides.map(({ site }) => site))];
  const labels = countBy('label', [...names, null]).filter((row) => row.name !== null || total(row) > 0);
  if (sites.every((site) => site === null)) return labels;
  return [...labels, ...countBy('site', sites).sort((a, b) => total(b) - total(a))];
}

export const total = ({ slides }: BalanceRow) => slides.reduce((sum, each) => sum + each, 0);
