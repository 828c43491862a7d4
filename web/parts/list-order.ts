/** An order of a list, as its address says it: `name` upwards, `-name` downwards. */
export interface ListOrder {
  by: string;
  down: boolean;
}

/** Null when the address names no order that there is. */
export function readOrder(text: string | null, known: readonly (string | undefined)[]): ListOrder | null {
  if (!text) return null;
  const down = text.startsWith('-');
  const by = down ? text.slice(1) : text;
  return known.includes(by) ? { by, down } : null;
}

export const writeOrder = (order: ListOrder | null) => order && `${order.down ? '-' : ''}${order.by}`;

/** What the next press on a column's title does: upwards, then downwards, then as the list comes. */
export function nextOrder(now: ListOrder | null, by: string): ListOrder | null {
  if (now?.by !== by) return { by, down: false };
  return now.down ? null : { by, down: true };
}

export type Comparable = string | number | null;

/** Numbers in names count as numbers; what has no value is last either way; equals stay as they came. */
export function ordered<Row>(rows: readonly Row[], value: (row: Row) => Comparable, down: boolean): Row[] {
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return (down ? -1 : 1) * compared(a.key, b.key);
  });
  return keyed.map(({ row }) => row);
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compared(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return names.compare(String(a), String(b));
}

/** Whether each word of the search stands somewhere in the texts. */
export function hasWords(search: string, ...texts: (string | number | null)[]): boolean {
  const text = texts.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
