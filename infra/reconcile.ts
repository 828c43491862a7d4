import type { Database } from '@stroma/db/client';
import { heldRuns, type NamedObject, namedObjects, runIds, slideHashes } from '@stroma/db/stored-objects';
import type { ObjectStore } from '@stroma/storage/object-store';

const folders = ['slides', 'thumbnails', 'masks', 'crops', 'runs', 'embeddings', 'exports'] as const;

export interface Audit {
  /** Objects that no row and no run owns. */
  orphans: string[];
  /** Rows whose object is not there. */
  missing: NamedObject[];
}

/** Compares object storage with the database: no row without its file, no file without its row. */
export async function auditObjects(db: Database, store: ObjectStore): Promise<Audit> {
  // Files first: an object whose row is committed in between is then seen by its row.
  const keys: string[] = [];
  for (const folder of folders) for await (const key of store.list(folder)) keys.push(key);
  const named = await namedObjects(db);
  const runs = new Set(await runIds(db));
  const slides = new Set(await slideHashes(db));
  const wanted = new Set(named.map((object) => object.key));

  const present = new Set<string>();
  for (const key of keys) for (const part of withFolders(key)) present.add(part);
  return {
    orphans: keys.filter((key) => !wanted.has(key) && !belongsToRun(key, runs) && !isMaskOf(key, slides)),
    missing: named.filter((object) => !present.has(object.key.replace(/\/$/, ''))),
  };
}

/** A row may name a folder: `a/b/c` makes `a`, `a/b` and `a/b/c` present. */
function withFolders(key: string): string[] {
  const parts = key.split('/');
  return parts.map((_, count) => parts.slice(0, count + 1).join('/'));
}

/** Its folder, and the index of its embeddings (services/inference/src/search/index-record.ts). */
function belongsToRun(key: string, runs: ReadonlySet<number>): boolean {
  const match = /^(?:runs\/(?<run>\d+)\/|embeddings\/(?<embeds>\d+)\/nearest\.(?:usearch|json)$)/.exec(key);
  return runs.has(Number(match?.groups?.run ?? match?.groups?.embeds));
}

/** Masks are computed when they are asked for: none is missing, and one of a slide that is gone is left over. */
function isMaskOf(key: string, slides: ReadonlySet<string>): boolean {
  const match = /^masks\/([0-9a-f]+)\//.exec(key);
  return match !== null && slides.has(match[1] ?? '');
}

/**
 * Deletes what a kill left half done and reports what is missing. Nothing is deleted while a worker, here or on
 * another machine, holds a run: it writes its objects before their rows.
 */
export async function reconcile(db: Database, store: ObjectStore): Promise<string> {
  const held = await heldRuns(db);
  const { orphans, missing } = await auditObjects(db, store);
  for (const { key, row } of missing) console.error(`  ${row} has lost its file ${key}; restore it from a backup`);
  const rest = missing.length ? `, ${missing.length} rows without their file` : '';
  if (held) return `nothing deleted, ${held} runs are being worked on${rest}`;
  for (const key of orphans) await store.remove(key);
  let unfinished = 0;
  for (const folder of folders) unfinished += await store.removeUnfinished(folder);
  return `${orphans.length + unfinished} left-over files deleted${rest}`;
}
