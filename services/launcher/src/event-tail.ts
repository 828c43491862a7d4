import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { TrainerEvent } from '@stroma/core/contract/run-directory';
import type { Database } from '@stroma/db/client';
import { addEvents, deleteEventsBeyond, eventsBefore, type NewRunEvent, type StoredEvent } from '@stroma/db/run-events';
import type { Lease } from '@stroma/db/runs';
import { cutLines, eventRow, parseEvent } from './event-lines.ts';
import { pictureProblem } from './picture.ts';

const pieceBytes = 1 << 20;
const rowsAtOnce = 500;

/**
 * Brings run_event in step with events.jsonl. The trainer cuts the file back when it goes on from a checkpoint, so
 * before reading on, the last line read is compared with the file: when it is gone, rows beyond the cut are deleted.
 */
export class EventTail {
  readonly #db: Database;
  readonly #lease: Lease;
  readonly #file: string;
  readonly #onEvent: (event: TrainerEvent) => void;
  #position: number | undefined;
  #lastLine: Buffer = Buffer.alloc(0);

  constructor(db: Database, lease: Lease, file: string, onEvent: (event: TrainerEvent) => void) {
    this.#db = db;
    this.#lease = lease;
    this.#file = file;
    this.#onEvent = onEvent;
  }

  /** Stores every whole line that is new. */
  async catchUp(): Promise<void> {
    const file = await openIfThere(this.#file);
    try {
      if (this.#position === undefined || !(await this.#stillThere(file))) await this.#findCut(file);
      if (file) while (await this.#readPiece(file));
    } finally {
      await file?.close();
    }
  }

  async #readPiece(file: FileHandle): Promise<boolean> {
    const start = this.#position ?? 0;
    const piece = await read(file, start, pieceBytes);
    const lines = cutLines(piece, start, pieceBytes);
    const last = lines.at(-1);
    if (!last) return false;
    const events = lines.map((line) => parseEvent(line.bytes));
    const rows: NewRunEvent[] = [];
    for (const [i, line] of lines.entries()) rows.push(await this.#checked(eventRow(line, events[i]), events[i]));
    for (let i = 0; i < rows.length; i += rowsAtOnce) {
      await addEvents(this.#db, this.#lease, rows.slice(i, i + rowsAtOnce));
    }
    this.#position = last.position;
    this.#lastLine = Buffer.from(last.bytes);
    for (const event of events) if (event) this.#onEvent(event);
    return piece.length === pieceBytes;
  }

  /** A picture that cannot be shown becomes a line of the log. */
  async #checked(row: NewRunEvent, event: TrainerEvent | undefined): Promise<NewRunEvent> {
    if (event?.kind !== 'picture' || row.kind !== 'picture') return row;
    const problem = await pictureProblem(path.dirname(this.#file), event);
    if (!problem) return row;
    return { ...row, kind: 'log', data: JSON.stringify({ message: `${event.path} cannot be shown: ${problem}.` }) };
  }

  async #stillThere(file: FileHandle | undefined): Promise<boolean> {
    const length = this.#lastLine.length;
    if (length === 0) return true;
    if (!file) return false;
    const found = await read(file, (this.#position ?? 0) - length, length);
    return found.equals(this.#lastLine);
  }

  /** The furthest stored event whose line is still in the file; what is stored beyond it was cut off. */
  async #findCut(file: FileHandle | undefined): Promise<void> {
    const size = file ? (await file.stat()).size : 0;
    let cut = 0;
    let line: Buffer = Buffer.alloc(0);
    search: for (let before = size + 1; file; ) {
      const stored = await eventsBefore(this.#db, this.#lease.runId, before, rowsAtOnce + 1);
      for (const [i, row] of stored.slice(0, rowsAtOnce).entries()) {
        const start = stored[i + 1]?.position ?? 0;
        const bytes = await read(file, start, row.position - start);
        if (isRowOf(row, bytes)) {
          cut = row.position;
          line = bytes;
          break search;
        }
      }
      if (stored.length <= rowsAtOnce) break;
      before = stored.at(-2)?.position ?? 0;
    }
    await deleteEventsBeyond(this.#db, this.#lease, cut);
    this.#position = cut;
    this.#lastLine = line;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function read(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** An unreadable line's row has the time of its reading; every other row has the line's own. */
function isRowOf(row: StoredEvent, bytes: Buffer): boolean {
  const event = parseEvent(bytes);
  const line = eventRow({ position: row.position, bytes }, event);
  if (event?.kind === 'picture' && row.kind === 'log') return Date.parse(line.at) === row.at.getTime();
  const sameTime = !event || line.kind !== event.kind || Date.parse(line.at) === row.at.getTime();
  return line.kind === row.kind && sameTime && sameJson(line.data, row.data);
}

/** Equal but for the order of keys and the way numbers are written, both of which jsonb chooses itself. */
function sameJson(a: string, b: string): boolean {
  return canonical(JSON.parse(a)) === canonical(JSON.parse(b));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
