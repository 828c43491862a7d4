import { sql } from 'kysely';
import type { Database } from './client.ts';
import { fenced } from './fenced.ts';
import { announce, type Lease } from './runs.ts';

/** One line of a run's events.jsonl. `data` holds the event's fields as JSON text, without version, time and kind. */
export interface NewRunEvent {
  /** The byte after the line: its name within the run. */
  position: number;
  at: string;
  kind: string;
  data: string;
}

/** Stores events; those already known are left as they are, so a line read twice is stored once. */
export async function addEvents(db: Database, lease: Lease, events: readonly NewRunEvent[]): Promise<void> {
  if (events.length === 0) return;
  await fenced(db, lease, async (trx) => {
    await trx
      .insertInto('runEvent')
      .values(events.map((event) => ({ runId: lease.runId, ...event })))
      .onConflict((conflict) => conflict.columns(['runId', 'position']).doNothing())
      .execute();
    await announce(trx, lease.runId);
  });
}

/** Forgets events whose lines were cut off the file. */
export async function deleteEventsBeyond(db: Database, lease: Lease, position: number): Promise<void> {
  await fenced(db, lease, async (trx) => {
    await trx.deleteFrom('runEvent').where('runId', '=', lease.runId).where('position', '>', position).execute();
    await announce(trx, lease.runId);
  });
}

export interface StoredEvent {
  position: number;
  at: Date;
  kind: string;
  /** JSON text as Postgres writes it. */
  data: string;
}

/** Events before a position, last first. */
export async function eventsBefore(db: Database, runId: number, before: number, limit: number): Promise<StoredEvent[]> {
  return await db
    .selectFrom('runEvent')
    .select(['position', 'at', 'kind', sql<string>`data::text`.as('data')])
    .where('runId', '=', runId)
    .where('position', '<', before)
    .orderBy('position', 'desc')
    .limit(limit)
    .execute();
}
