import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { codedSlideName } from '@stroma/core/coded-name';
import { defaultSelection } from '@stroma/core/crop-numbers';
import { selectionHash } from '@stroma/db/crop-selection';
import { storedScores } from '@stroma/db/prediction-scores';
import { expect, it } from 'vitest';
import { snippetOf } from '../../web/exports/snippet.ts';
import { cropsASlide, hasHdf5, python, type TrainedCohort } from './inference-context.ts';
import { recompute } from './inference-recompute.ts';

interface ScoreTable {
  types: Record<string, string>;
  columns: Record<string, (number | string)[]>;
  metadata: Record<string, string>;
}

const unzip = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';

export function exportTests(trained: () => TrainedCohort): void {
  if (!hasHdf5) console.log('skipped: CLAM exports, because that Python has no h5py');

  async function exported(
    layout: 'parquet' | 'clam' | 'scores',
    names: 'coded' | 'uploaded' = 'uploaded',
  ): Promise<string> {
    const { chain, cohort, database, folder } = trained();
    const { cohortId, jobId } = cohort;
    // As the api stores it: the run has no job of its own.
    const run = await chain.run({ stage: 'export', encoder: 'dino' }, async (trx, runId) => {
      await trx.insertInto('export').values({ runId, cohortId, jobId, encoder: 'dino', layout, names }).execute();
    });
    const row = await database.db.selectFrom('export').selectAll().where('runId', '=', run).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ status: 'ready', slideCount: 7, cropCount: 7 * cropsASlide });
    const zip = await cohort.store.get(row.objectKey ?? '');
    expect({ bytes: zip.length, sha256: createHash('sha256').update(zip).digest('hex') }).toEqual({
      bytes: row.bytes,
      sha256: row.sha256,
    });
    const target = path.join(folder, `${layout}-${names}`);
    await promisify(execFile)(python, ['-c', unzip, cohort.store.localPath(row.objectKey ?? ''), target]);
    await copyFile(cohort.store.localPath(row.objectKey ?? ''), `${target}.zip`);
    return target;
  }

  /** What the portal's snippet prints of the file that was written. */
  async function openedInPython(layout: 'parquet' | 'clam' | 'scores', target: string): Promise<string> {
    const snippet = snippetOf(layout, path.basename(`${target}.zip`));
    return (await promisify(execFile)(python, ['-c', snippet], { cwd: path.dirname(target) })).stdout;
  }

  it('as Parquet hold what the embedding files hold, by slide name', async () => {
    const target = await exported('parquet');
    const names = await readdir(path.join(target, 'embeddings'));
    expect(names.sort()).toEqual(Array.from({ length: 7 }, (_, i) => `slide_${i}.parquet`));
    const { cohort, runs } = trained();
    const embeddings = cohort.store.localPath(`embeddings/${runs.embed}/${cohort.slides[0]?.id}.arrow`);
    const exportedFile = path.join(target, 'embeddings', 'slide_0.parquet');
    const { parquet } = await recompute<{ parquet: unknown[] }>(python, {
      parquet: [{ embeddings, exported: exportedFile }],
    });
    expect(parquet).toEqual([{ same: true, rows: cropsASlide }]);
    const printed = await openedInPython('parquet', target);
    expect(printed).toContain(`embeddings/slide_0.parquet (${cropsASlide}, 128) float16`);
    expect(printed).toMatch(/'x0': 0, 'y0': \d+/);
    expect(JSON.parse(await readFile(path.join(target, 'crops.json'), 'utf8'))).toEqual({
      mpp: 0.5,
      size_px: 256,
      stride_px: 256,
      crop_selection: { minTissueFraction: 0.5 },
      crop_selection_sha256: selectionHash(defaultSelection),
    });
    const csv = await readFile(path.join(target, 'dataset.csv'), 'utf8');
    expect(csv.split('\n').slice(0, 2)).toEqual(['case_id,slide_id,label', 'patient 0,slide_0,low']);
  });

  it('as scores hold the numbers that are stored with the prediction, crop by crop', async () => {
    const target = await exported('scores');
    const { cohort, database, runs } = trained();
    const { id: slideId = '' } = cohort.slides[0] ?? {};
    const stored = await storedScores(database.db, runs.predict, slideId);
    const file = path.join(target, 'scores', 'slide_0.parquet');
    const { table } = await recompute<{ table: ScoreTable[] }>(python, { table: [file] });
    const { types, columns, metadata } = table[0] as ScoreTable;
    expect(types).toMatchObject({
      slide: 'string',
      crop_id: 'string',
      x0: 'int32',
      size0_x: 'double',
      attention_logit: 'float',
      attention: 'double',
      attention_rank: 'int32',
      evidence_low: 'float',
      evidence_high: 'float',
    });
    expect(metadata).toMatchObject({ encoder: 'dino', held_out: 'true' });
    expect(columns.slide).toEqual(new Array(cropsASlide).fill('slide_0'));
    expect(columns.crop_id).toEqual(Array.from(stored?.ix ?? [], (ix) => `${stored?.cropSetId}:${ix}`));
    expect(columns.x0).toEqual([...(stored?.x0 ?? [])]);
    expect(columns.attention_logit).toEqual([...(stored?.attentionLogits ?? [])]);
    for (const [c, name] of (stored?.classes ?? []).entries()) {
      expect(columns[`evidence_${name}`]).toEqual([...(stored?.evidence[c] ?? [])]);
    }
    const attention = columns.attention as number[];
    expect(attention.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
    const byRank = (columns.attention_rank as number[]).map((rank, crop) => [rank, attention[crop] ?? 0] as const);
    const descending = byRank.sort(([a], [b]) => a - b).map(([, each]) => each);
    expect(descending).toEqual([...attention].sort((a, b) => b - a));
    const most = attention.indexOf(Math.max(...attention));
    const printed = await openedInPython('scores', target);
    expect(printed).toContain(`scores/slide_0.parquet ${cropsASlide} [`);
    expect(printed).toContain(`[{'crop_id': '${columns.crop_id?.[most]}', 'attention': `);
  });

  it('name neither slides nor patients unless that is asked for', async () => {
    const target = await exported('parquet', 'coded');
    const names = trained()
      .cohort.slides.slice(0, 7)
      .map(({ id }) => `${codedSlideName(id)}.parquet`);
    expect((await readdir(path.join(target, 'embeddings'))).sort()).toEqual(names.sort());
    const csv = await readFile(path.join(target, 'dataset.csv'), 'utf8');
    expect(csv.split('\n')[1]).toMatch(/^patient-001,slide-[0-9a-f]{12},low$/);
    expect(csv).not.toMatch(/patient \d|slide_\d/);
  });

  it.skipIf(!hasHdf5)('in CLAM’s layout open in h5py with its types and attributes', async () => {
    const id = trained().cohort.slides[0]?.id ?? '';
    const levels = [1, 4].map((downsample, level) => ({
      slideId: id,
      level,
      ifd: level,
      width: 8192 / downsample,
      height: 4096 / downsample,
      tileWidth: 256,
      tileHeight: 256,
      compression: 'jpeg',
      downsampleX: downsample,
      downsampleY: downsample,
    }));
    await trained().database.db.insertInto('slideLevel').values(levels).execute();
    const target = await exported('clam');
    const files = ['patches/slide_0.h5', 'h5_files/slide_0.h5'].map((file) => path.join(target, file));
    const { hdf5 } = await recompute<{ hdf5: unknown[] }>(python, { hdf5: files });
    expect(hdf5[0]).toMatchObject({
      coords: {
        dtype: 'int64',
        shape: [cropsASlide, 2],
        first: [0, 512],
        attributes: {
          patch_size: 512,
          patch_level: 0,
          custom_downsample: 2,
          downsample: [1, 1],
          level_dim: [8192, 4096],
          downsampled_level_dim: [8192, 4096],
          name: 'slide_0',
          save_path: 'patches',
        },
        attribute_types: { downsample: 'float64', level_dim: 'int64', patch_size: 'int64' },
      },
    });
    expect(hdf5[1]).toMatchObject({
      features: { dtype: 'float32', shape: [cropsASlide, 128], maxshape: [null, 128], attributes: {} },
      coords: { dtype: 'int32', shape: [cropsASlide, 2], first: [0, 512] },
    });
    const printed = await openedInPython('clam', target);
    expect(printed).toBe(`h5_files/slide_0.h5 (${cropsASlide}, 128) torch.float32 (${cropsASlide}, 2)\n`);
  });
}
