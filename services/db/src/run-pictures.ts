import { type Database, sql } from './client.ts';

/** A picture event's fields, as the contract has them. */
export interface RunPictureRow {
  phase: string;
  step: number;
  epoch: number;
  name: string;
  path: string;
  sha256: string;
  bytes: number;
  width: number;
  height: number;
  caption: string;
  synthetic: boolean;
}

/** The pictures of a run in the order of their making. */
export async function runPictures(db: Database, runId: number): Promise<RunPictureRow[]> {
  const { rows } = await sql<{ data: RunPictureRow }>`
    select data from run_event where run_id = ${runId} and kind = 'picture' order by position`.execute(db);
  return rows.map((row) => row.data);
}

/** The picture of that content, by its path within the run directory. */
export async function findPicture(db: Database, runId: number, sha256: string): Promise<string | undefined> {
  const { rows } = await sql<{ path: string }>`
    select data->>'path' as path from run_event
    where run_id = ${runId} and kind = 'picture' and data->>'sha256' = ${sha256} limit 1`.execute(db);
  return rows[0]?.path;
}
