import type { ReactNode } from 'react';
import classes from './list-table.module.css';

export interface Column<Row> {
  title: string;
  number?: boolean;
  /** Long names may take several lines. */
  wrap?: boolean;
  width?: number | string;
  cell: (row: Row) => ReactNode;
}

/** A dense table; the first column names the row and links to it. */
export function ListTable<Row>({
  label,
  columns,
  rows,
  rowKey,
}: {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
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
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
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
