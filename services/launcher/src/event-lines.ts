import { TrainerEvent } from '@stroma/core/contract/run-directory';
import type { NewRunEvent } from '@stroma/db/run-events';
import { Compile } from 'typebox/compile';

export interface EventLine {
  /** The byte after the line in events.jsonl. */
  position: number;
  bytes: Buffer;
}

const newline = 0x0a;

/**
 * The whole lines of a piece of the file that starts at byte `start`. The rest, a line still being written, waits for
 * the next read; a piece of maxBytes without a line's end counts as a line, so that garbage cannot grow without bound.
 */
export function cutLines(piece: Buffer, start: number, maxBytes: number): EventLine[] {
  const lines: EventLine[] = [];
  let from = 0;
  for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
    lines.push({ position: start + end + 1, bytes: piece.subarray(from, end + 1) });
    from = end + 1;
  }
  if (from === 0 && piece.length >= maxBytes) lines.push({ position: start + piece.length, bytes: piece });
  return lines;
}

const schema = Compile(TrainerEvent);

/** undefined when the line is no event of the contract. */
export function parseEvent(bytes: Buffer): TrainerEvent | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return schema.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The row of a line; an unreadable line becomes a log event that shows its beginning. */
export function eventRow({ position, bytes }: EventLine, event: TrainerEvent | undefined): NewRunEvent {
  if (event && /^\d{4}-/.test(event.time) && !Number.isNaN(Date.parse(event.time))) {
    const { version: _, time, kind, ...fields } = event;
    const data = JSON.stringify(fields);
    if (!unstorable.test(data)) return { position, at: new Date(time).toISOString(), kind, data };
  }
  const shown = JSON.stringify(bytes.toString('utf8', 0, 200).trimEnd());
  const message = `Unreadable line in events.jsonl (${bytes.length} bytes): ${shown}`;
  return { position, at: new Date().toISOString(), kind: 'log', data: JSON.stringify({ message }) };
}

/** Postgres's jsonb knows neither U+0000 nor lone surrogates, which JSON.stringify writes as escapes. */
const unstorable = /\\u(0000|d[89a-f])/i;
