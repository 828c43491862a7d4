import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { requestCropSets } from '@stroma/db/crop-sets';
import { auditObjects } from '@stroma/infra/reconcile';
import { expect, it } from 'vitest';
import { withSchema } from '../database.ts';
import { finishUnderKills, IngestWorkbench, slideBytes } from './ingest-worker.ts';

const slideCount = 4;

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
