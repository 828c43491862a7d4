import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportBytes } from '@stroma/core/export-size';
import { embeddingBatches, readEmbeddings } from '@stroma/inference/embedding/read-embeddings';
import { writeClamFeatures, writeClamPatches } from '@stroma/inference/export/clam-files';
import { parquetOf } from '@stroma/inference/export/parquet';
import { scoreBatches } from '@stroma/inference/export/score-table';
import { expect, test } from 'vitest';
import { writeEmbeddedSlide } from '../fixtures/embedded-slide.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';

const classes = ['benign', 'low', 'high'];

test.each([
  { crops: 40, dim: 384 },
  { crops: 1500, dim: 128 },
])('an export of $crops crops of $dim numbers takes as much as was said', async ({ crops, dim }) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-size-'));
  try {
    const random = seededRandom(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const numbers = (length: number) => Array.from({ length }, normal);
    const places = Array.from({ length: crops }, (_, ix) => ({ x0: 512 * (ix % 40), y0: 512 * Math.floor(ix / 40) }));
    const file = path.join(folder, 'slide.arrow');
    const embedded = places.map((place, ix) => ({ ...place, cropId: `7:${ix}`, embedding: numbers(dim) }));
    await writeEmbeddedSlide(file, embedded);
    const table = await readEmbeddings(file);
    const [features, patches] = [path.join(folder, 'features.h5'), path.join(folder, 'patches.h5')];
    await writeClamFeatures(features, table);
    const level = { patchSize: 512, patchLevel: 0, customDownsample: 2 };
    await writeClamPatches(patches, 'slide', table, { ...level, levelDownsample: [1, 1], levelSize: [9000, 9000] });
    const scores = scoreBatches('slide', {
      ...{ encoder: 'dino', folds: [0], heldOut: true, classes, probabilities: [0.2, 0.3, 0.5] },
      ...{ cropSetId: 7, size0X: 512, size0Y: 512 },
      ix: Int32Array.from(places, (_, ix) => ix),
      x0: Int32Array.from(places, ({ x0 }) => x0),
      y0: Int32Array.from(places, ({ y0 }) => y0),
      attentionLogits: Float32Array.from(numbers(crops)),
      evidence: classes.map(() => Float32Array.from(numbers(crops))),
    });
    const written = {
      parquet: await lengthOf(parquetOf(embeddingBatches(file))),
      clam: (await stat(features)).size + (await stat(patches)).size,
      scores: await lengthOf(parquetOf(scores)),
    };
    for (const [layout, bytes] of Object.entries(written) as [keyof typeof written, number][]) {
      const said = exportBytes(layout, [{ crops, dim }], classes.length);
      expect(Math.abs(said / bytes - 1), `${layout}: ${said} bytes said, ${bytes} written`).toBeLessThan(0.1);
    }
    expect(exportBytes('clam', [], 3)).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function lengthOf(pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const piece of pieces) length += piece.length;
  return length;
}
