/**
 * Rows of numbers as columns: a slide has 10^5 crops, and as objects they would take ten times the memory and the time
 * to cross to another process.
 */
export interface NumberTable<K extends string> {
  length: number;
  columns: Record<K, Float64Array>;
}

export type NumberRow<K extends string> = Readonly<Record<K, number>>;

export function numberTable<K extends string>(keys: readonly K[], rows: readonly NumberRow<K>[]): NumberTable<K> {
  const columns = {} as Record<K, Float64Array>;
  for (const key of keys) columns[key] = Float64Array.from(rows, (row) => row[key]);
  return { length: rows.length, columns };
}

/** Rows from … to − 1; the memory is shared with the whole. */
export function slice<K extends string>(table: NumberTable<K>, from: number, to: number): NumberTable<K> {
  const columns = {} as Record<K, Float64Array>;
  for (const key of Object.keys(table.columns) as K[]) columns[key] = table.columns[key].subarray(from, to);
  return { length: to - from, columns };
}

export function rowAt<K extends string>({ columns }: NumberTable<K>, ix: number): Record<K, number> {
  const row = {} as Record<K, number>;
  for (const key of Object.keys(columns) as K[]) row[key] = columns[key][ix] ?? Number.NaN;
  return row;
}

export function rowsOf<K extends string>(table: NumberTable<K>): Record<K, number>[] {
  return Array.from({ length: table.length }, (_, ix) => rowAt(table, ix));
}
