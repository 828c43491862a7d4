'use client';
import { Button } from '@mantine/core';
import { useUrlState } from '../data/use-url-state.ts';
import { ordered, readOrder, writeOrder } from './list-order.ts';
import { type Column, ListTable } from './list-table.tsx';
import { count } from './number-label.ts';

/** Rows drawn at first: more make a page slow before they make it useful. */
const step = 200;

/** A list that the page has as a whole: put in order by its columns, a part drawn at a time; the address holds both. */
export function OrderedTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  address = '',
}: {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** What its words in the address begin with, where the page has another list. */
  address?: string;
}) {
  const { parameters, change } = useUrlState();
  const [inOrder, asMany] = [`${address}sort`, `${address}rows`];
  const order = readOrder(
    parameters.get(inOrder),
    columns.map((column) => column.orderBy),
  );
  const value = columns.find(({ orderBy }) => order && orderBy === order.by)?.value;
  const all = order && value ? ordered(rows, value, order.down) : rows;
  const shown = Math.max(step, Math.floor(Number(parameters.get(asMany)) || 0));
  return (
    <>
      <ListTable
        label={label}
        columns={columns}
        rows={all.slice(0, shown)}
        rowKey={rowKey}
        order={order}
        onOrder={(next) => change({ [inOrder]: writeOrder(next) })}
      />
      {all.length > shown && (
        <p style={{ textAlign: 'center' }}>
          <Button variant="default" onClick={() => change({ [asMany]: String(shown + 5 * step) })}>
            Show more: {count(all.length - shown)} left
          </Button>
        </p>
      )}
    </>
  );
}
