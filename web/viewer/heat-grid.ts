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

/** A value a cell; NaN where no crop was scored. */
export function onGrid({ columns, rows, cells }: HeatGrid, values: Float32Array): Float32Array {
  const found = new Float32Array(columns * rows).fill(Number.NaN);
  for (let crop = 0; crop < cells.length; crop += 1) found[cells[crop] ?? 0] = values[crop] ?? Number.NaN;
  return found;
}

/**
 * `side` × `side` values a cell, blended from the four cells around each: from those that were scored alone. NaN where
 * none of them was.
 */
export function blended({ columns, rows }: HeatGrid, values: Float32Array, side: number): Float32Array {
  const width = columns * side;
  const found = new Float32Array(width * rows * side);
  for (let i = 0; i < found.length; i += 1) {
    // Between the middles of cells.
    const x = ((i % width) + 0.5) / side - 0.5;
    const y = (Math.floor(i / width) + 0.5) / side - 0.5;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    let [sum, weights] = [0, 0];
    for (let corner = 0; corner < 4; corner += 1) {
      const [right, down] = [corner & 1, corner >> 1];
      const [c, r] = [inside(column + right, columns), inside(row + down, rows)];
      const value = values[r * columns + c] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const weight = Math.abs(1 - right - (x - column)) * Math.abs(1 - down - (y - row));
      sum += weight * value;
      weights += weight;
    }
    found[i] = weights > 0 ? sum / weights : Number.NaN;
  }
  return found;
}

const inside = (index: number, count: number) => Math.max(0, Math.min(count - 1, index));

function extent(values: Int32Array): [least: number, most: number] {
  let [least, most] = [values[0] ?? 0, values[0] ?? 0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
