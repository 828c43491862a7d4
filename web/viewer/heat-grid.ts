import type { Scores } from '@stroma/core/http/scores';

/** Crops lie on a grid: a cell each, so that a heat map is a picture of one px a crop. */
export interface HeatGrid {
  columns: number;
  rows: number;
  /** Where the grid lies, in level-0 px. */
  left: number;
  top: number;
  width: number;
  height: number;
  /** Cell of each crop, row after row, in the order of the scores. */
  cells: Int32Array;
}

/** Crops that overlap are shown by their middles, as large as the distance between them. Null without crops. */
export function heatGrid({ x0, y0, size0X, size0Y, strideShare }: Scores): HeatGrid | null {
  if (x0.length === 0) return null;
  const stride0X = size0X * strideShare;
  const stride0Y = size0Y * strideShare;
  const column = x0.map((x) => Math.round(x / stride0X));
  const row = y0.map((y) => Math.round(y / stride0Y));
  const [firstColumn, lastColumn] = extent(column);
  const [firstRow, lastRow] = extent(row);
  const columns = lastColumn - firstColumn + 1;
  const rows = lastRow - firstRow + 1;
  return {
    columns,
    rows,
    left: firstColumn * stride0X + (size0X - stride0X) / 2,
    top: firstRow * stride0Y + (size0Y - stride0Y) / 2,
    width: columns * stride0X,
    height: rows * stride0Y,
    cells: column.map((x, i) => ((row[i] ?? 0) - firstRow) * columns + x - firstColumn),
  };
}

function extent(values: Int32Array): [least: number, most: number] {
  let [least, most] = [values[0] ?? 0, values[0] ?? 0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
