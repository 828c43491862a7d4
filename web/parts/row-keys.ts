import type { KeyboardEvent } from 'react';

const keys = ['ArrowDown', 'ArrowUp', 'Home', 'End'];
const active = 'a[href], button:not(:disabled), input:not(:disabled), summary';
// These have a use of their own for the keys.
const typed = 'select, textarea, input:not([type="checkbox"])';

/** In a table's body: from row to row, in the same column where it has something to go to, else to the row's first. */
export function moveByRow(event: KeyboardEvent<HTMLTableSectionElement>): void {
  const { key, altKey, ctrlKey, metaKey, shiftKey, currentTarget } = event;
  if (!keys.includes(key) || altKey || ctrlKey || metaKey || shiftKey) return;
  const from = event.target as HTMLElement;
  const cell = from.closest('td');
  const row = cell?.closest('tr');
  if (!cell || !row || from.matches(typed)) return;
  const rows = [...currentTarget.rows];
  const next = { ArrowDown: rows.indexOf(row) + 1, ArrowUp: rows.indexOf(row) - 1, Home: 0, End: rows.length - 1 }[key];
  const to = rows[next ?? -1];
  const target =
    to?.cells[cell.cellIndex]?.querySelector<HTMLElement>(active) ?? to?.querySelector<HTMLElement>(active);
  if (!target) return;
  event.preventDefault();
  target.focus();
}
