import { type Column, ListTable } from '../parts/list-table.tsx';
import { count } from '../parts/number-label.ts';
import { type Balance, type BalanceRow, balanceRows, total } from './balance-rows.ts';
import classes from './cohorts.module.css';

/** How a fold's test differs from the others': a fold without a class cannot tell how that is graded. */
export function FoldBalance({ cohort }: { cohort: Balance }) {
  const columns: Column<BalanceRow>[] = [
    {
      title: 'Slides by fold',
      cell: ({ of, name }) => (
        <>
          <span className="soft">{of}</span> {name ?? <span className="soft">none</span>}
        </>
      ),
    },
    ...Array.from({ length: cohort.foldCount }, (_, fold): Column<BalanceRow> => {
      return {
        title: `Fold ${fold}`,
        number: true,
        cell: ({ of, name, slides }) =>
          slides[fold] || of !== 'label' || name === null ? count(slides[fold] ?? 0) : <strong>0: not tested</strong>,
      };
    }),
    { title: 'All', number: true, cell: (row) => count(total(row)) },
  ];
  return (
    <div className={classes.foldBalance}>
      <ListTable
        label="Classes and sites by fold"
        columns={columns}
        rows={balanceRows(cohort)}
        rowKey={({ of, name }) => `${of} ${name ?? ''}`}
      />
    </div>
  );
}
