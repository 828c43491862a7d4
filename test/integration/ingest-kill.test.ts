import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '@stroma/db/client';
import { requestCropSets } from '@stroma/db/crop-sets';
import { auditObjects } from '@stroma/infra/reconcile';
import { expect, it } from 'vitest';
import { withSchema } from '../database.ts';
import { IngestWorkbench, slideBytes } from './ingest-worker.ts';

const slideCount = 4;

/** A kill's lease runs out at once, so that the test does not wait for it. */
async function expireLeases({ db }: IngestWorkbench): Promise<void> {
  await sql`update run set lease_until = now() - interval '1 second', attempt = 1 where status = 'running'`.execute(db);
}

/** Starts the worker and kills it a moment later, again and again; then lets it finish. Answers the kills that hit a run. */
async function finishUnderKills(bench: IngestWorkbench, kills: number): Promise<number> {
  let hits = 0;
  for (let i = 0; i < kills; i += 1) {
    const child = bench.start();
    const { db } = bench;
    // From a run's first moment on: the kills fall on different steps.
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(5)) {
      const held = await db.selectFrom('run').select('id').where('status', '=', 'running').execute();
      const open = await db.selectFrom('run').select('id').where('status', 'in', ['queued', 'running']).execute();
      if (held.length > 0 || open.length === 0) break;
    }
    await sleep(15 * i);
    child.kill('SIGKILL');
    await sleep(50);
    const held = await db.selectFrom('run').select('id').where('status', '=', 'running').execute();
    hits += held.length;
    await expireLeases(bench);
  }
  bench.start();
  await bench.idle();
  return hits;
}

it('kill -9 at any moment: no slide twice, no row without its file, no file without its row', async () => {
  await using database = await withSchema();
  const bench = await IngestWorkbench.open(database);
  try {
    const contents = await Promise.all(Array.from({ length: slideCount }, (_, i) => slideBytes({ shade: i })));
    for (const [i, content] of contents.entries()) await bench.upload(`u${i}`, content);
    await bench.upload('twin', contents[0] ?? '');
    await bench.upload('refused', Buffer.from('not a slide'));
    const hits = await finishUnderKills(bench, 5);
    const slides = await bench.db.selectFrom('slide').selectAll().execute();
    expect(slides.map((slide) => slide.sha256).sort()).toEqual(
      contents.map((content) => createHash('sha256').update(content).digest('hex')).sort(),
    );
    expect(await auditObjects(bench.db, bench.store)).toEqual({ orphans: [], missing: [] });
    const uploads = await bench.db.selectFrom('upload').select(['id', 'status']).execute();
    expect(uploads.filter((upload) => upload.status === 'registered')).toHaveLength(slideCount + 1);
    expect(uploads.find((upload) => upload.id === 'refused')?.status).toBe('refused');

    const ids = slides.map((slide) => slide.id);
    await requestCropSets(bench.db, ids, [0.5, 0.7]);
    const tileHits = await finishUnderKills(bench, 5);
    expect(hits + tileHits, bench.output).toBeGreaterThan(0);
    const sets = await bench.db.selectFrom('cropSet').selectAll().execute();
    expect(sets.map((set) => set.status)).toEqual(sets.map(() => 'ready'));
    expect(sets).toHaveLength(2 * slideCount);
    expect(await auditObjects(bench.db, bench.store)).toEqual({ orphans: [], missing: [] });
    for (const shard of await bench.db.selectFrom('shard').selectAll().execute()) {
      const tar = await readFile(bench.store.localPath(shard.objectKey));
      expect(createHash('sha256').update(tar).digest('hex')).toBe(shard.sha256);
    }
    const { count } = await bench.db
      .selectFrom('crop')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(sets.reduce((sum, set) => sum + (set.cropCount ?? 0), 0));
  } finally {
    await bench.close();
  }
}, 180_000);
