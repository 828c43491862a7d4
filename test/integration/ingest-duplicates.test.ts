import { slideDuplicates } from '@stroma/db/slide-duplicates';
import { listSlides } from '@stroma/db/slide-list';
import { sharp } from '@stroma/wsi/bounded-sharp';
import type { Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';
import { drawnTissue } from '../drawn-tissue.ts';
import { IngestWorkbench } from './ingest-worker.ts';

let database: TestDatabase;
let bench: IngestWorkbench;
beforeAll(async () => {
  database = await withSchema();
  bench = await IngestWorkbench.open(database);
  bench.start();
});
afterAll(async () => {
  await bench.close();
  await database.close();
});

const tiff = (picture: Sharp, { quality = 85, xres = 2000 } = {}) =>
  picture.tiff({ compression: 'jpeg', quality, tile: true, pyramid: true, xres, yres: xres }).toBuffer();

// Seven slides are opened, each in a child process: a busy machine takes longer than usual.
it('copies of a slide are found by their pixels or their picture, and another slide is not', {
  timeout: 120_000,
}, async () => {
  const picture = drawnTissue(5);
  const turned = sharp(await drawnTissue(5).png().toBuffer());
  await bench.upload('original', await tiff(picture.clone()));
  await bench.upload('stripped', await tiff(picture.clone(), { xres: 1000 }));
  await bench.upload('compressed', await tiff(picture.clone(), { quality: 50 }));
  await bench.upload('turned', await tiff(turned.rotate(90)));
  await bench.upload('other', await tiff(drawnTissue(6)));
  await bench.upload('glass', await tiff(glass('#f4f4f4')));
  await bench.upload('glass 2', await tiff(glass('#e8e8ea')));
  await bench.idle(100_000);

  const { slides } = await listSlides(database.db, { limit: 20 });
  const found = new Map<string, string[]>();
  for (const { id, name, duplicates } of slides) {
    const twins = await slideDuplicates(database.db, id);
    expect(twins).toHaveLength(duplicates);
    found.set(name, twins.map((twin) => `${twin.name} ${twin.kind}`).sort());
  }
  expect(Object.fromEntries(found)).toEqual({
    'original.svs': ['compressed.svs picture', 'stripped.svs pixels', 'turned.svs picture'],
    'stripped.svs': ['compressed.svs picture', 'original.svs pixels', 'turned.svs picture'],
    'compressed.svs': ['original.svs picture', 'stripped.svs picture', 'turned.svs picture'],
    'turned.svs': ['compressed.svs picture', 'original.svs picture', 'stripped.svs picture'],
    'other.svs': [],
    'glass.svs': [],
    'glass 2.svs': [],
  });
  const twice = await listSlides(database.db, { limit: 2, duplicates: true });
  expect([twice.total, twice.slides.length]).toEqual([4, 2]);
});

const glass = (background: string) => sharp({ create: { ...size, channels: 3, background } });
const size = { width: 800, height: 600 };

it('a slide that is dropped is nobody’s duplicate any more', async () => {
  const original = await database.db.selectFrom('slide').select('id').where('name', '=', 'original.svs').execute();
  await database.db.deleteFrom('run').execute();
  await database.db
    .deleteFrom('slide')
    .where('id', '=', original[0]?.id ?? '')
    .execute();
  const { total } = await listSlides(database.db, { limit: 1, duplicates: true });
  expect(total).toBe(3);
});
