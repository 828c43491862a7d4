import type { ReactNode } from 'react';
import { type Comparable, type ListOrder, nextOrder } from './list-order.ts';
import classes from './list-table.module.css';
import { moveByRow } from './row-keys.ts';

export interface Column<Row> {
  title: string;
  number?: boolean;
  /** Long names may take several lines. */
  wrap?: boolean;
  width?: number | string;
  cell: (row: Row) => ReactNode;
  /** The address's word for the order by this column; absent where there is none. */
  orderBy?: string;
  /** What rows are put in order by, where the page does it. */
  value?: (row: Row) => Comparable;
}

/** A dense table; a column names the row and links to it. Its rows come in their order. */
export function ListTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  order = null,
  onOrder,
}: {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  order?: ListOrder | null;
  onOrder?: (order: ListOrder | null) => void;
}) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                data-number={column.number || undefined}
                style={{ width: column.width }}
                aria-sort={onOrder && sortOf(column, order)}
              >
                {onOrder && column.orderBy ? (
                  <OrderButton title={column.title} by={column.orderBy} order={order} onOrder={onOrder} />
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={moveByRow}>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.title} data-number={column.number || undefined} data-wrap={column.wrap || undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sortOf({ orderBy }: { orderBy?: string }, order: ListOrder | null) {
  if (!orderBy) return undefined;
  if (order?.by !== orderBy) return 'none';
  return order.down ? 'descending' : 'ascending';
}

interface OrderProps {
  title: string;
  by: string;
  order: ListOrder | null;
  onOrder: (order: ListOrder | null) => void;
}

function OrderButton({ title, by, order, onOrder }: OrderProps) {
  const way = order?.by === by ? (order.down ? 'down' : 'up') : undefined;
  return (
    <button type="button" className={classes.order} data-way={way} onClick={() => onOrder(nextOrder(order, by))}>
      {title}
      <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        <path d={way === 'down' ? 'M1 2.5h6L4 6.5z' : 'M1 5.5h6L4 1.5z'} fill="currentColor" />
      </svg>
    </button>
  );
}
