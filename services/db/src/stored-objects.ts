import { sql } from 'kysely';
import type { Database } from './client.ts';

/** An object that a row names; a key ending in `/` stands for a folder of files. */
export interface NamedObject {
  key: string;
  /** The row, in words. */
  row: string;
}

/** Every object that some row says is there. */
export async function namedObjects(db: Database): Promise<NamedObject[]> {
  const [slides, files, shards, embeddings, checkpoints, synthetic, exports] = await Promise.all([
    db.selectFrom('slide').select(['id', 'objectKey', 'thumbnailKey']).execute(),
    db.selectFrom('slideFile').select(['slideId', 'path', 'objectKey']).where('role', '<>', 'entry').execute(),
    db.selectFrom('shard').select(['id', 'objectKey']).execute(),
    db.selectFrom('embeddingSet').select(['id', 'objectKey']).execute(),
    db.selectFrom('checkpoint').select(['id', 'objectKey']).execute(),
    db.selectFrom('syntheticSet').select(['id', 'objectKey']).execute(),
    db.selectFrom('export').select(['id', 'objectKey']).where('objectKey', 'is not', null).execute(),
  ]);
  return [
    ...slides.flatMap(({ id, objectKey, thumbnailKey }) => [
      { key: objectKey, row: `slide ${id}` },
      { key: thumbnailKey, row: `slide ${id}` },
    ]),
    ...files.map(({ slideId, path, objectKey }) => ({ key: objectKey, row: `slide ${slideId}, file ${path},` })),
    ...shards.map(({ id, objectKey }) => ({ key: objectKey, row: `shard ${id}` })),
    ...embeddings.map(({ id, objectKey }) => ({ key: objectKey, row: `embedding_set ${id}` })),
    ...checkpoints.map(({ id, objectKey }) => ({ key: objectKey, row: `checkpoint ${id}` })),
    ...synthetic.map(({ id, objectKey }) => ({ key: objectKey, row: `synthetic_set ${id}` })),
    ...exports.map(({ id, objectKey }) => ({ key: objectKey as string, row: `export ${id}` })),
  ];
}

/** Runs own a folder of objects, runs/<id>/, from their start on. */
export async function runIds(db: Database): Promise<number[]> {
  return (await db.selectFrom('run').select('id').execute()).map((row) => row.id);
}

/** Slides own a folder of masks, masks/<sha256>/. */
export async function slideHashes(db: Database): Promise<string[]> {
  return (await db.selectFrom('slide').select('sha256').execute()).map((row) => row.sha256);
}

/** Runs that a worker holds now: their objects may be there before their rows. */
export async function heldRuns(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('run')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', '=', 'running')
    .where('leaseUntil', '>=', sql<Date>`now()`)
    .executeTakeFirstOrThrow();
  return count;
}
