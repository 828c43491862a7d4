import { codedSets, fileNames } from '@stroma/core/exported-names';
import { cohortOf, type UsedCrops, usedCrops } from '@stroma/db/cohort-crops';
import { selectionHash } from '@stroma/db/crop-selection';
import { cohortEmbeddingSets, slideLevels } from '@stroma/db/embedding-sets';
import { exportOfRun, markExportFailed, markExportReady } from '@stroma/db/exports';
import { storedScores } from '@stroma/db/prediction-scores';
import type { Encoder } from '@stroma/db/run-inputs';
import { inputRun, jobOf } from '@stroma/db/run-inputs';
import { succeed } from '@stroma/db/runs';
import type { Handler } from '@stroma/db/worker';
import { zipStream } from '@stroma/storage/zip-stream';
import type { InferenceOptions } from './embed.ts';
import { type ExportSource, exportEntries } from './export/entries.ts';

/** Writes a cohort's embeddings as a zip in the layout that was asked for. */
export function exportHandler({ connection, store, log }: InferenceOptions): Handler {
  const { db } = connection;
  return async ({ run, lease, signal, report }) => {
    const startedAt = Date.now();
    const row = await exportOfRun(db, run.id);
    try {
      const cohort = await cohortOf(db, row.cohortId);
      const encoder = row.encoder as Encoder;
      const ofJob = { ...run, jobId: row.jobId };
      const embedRun = await inputRun(db, ofJob, 'embed', encoder);
      const graded = row.layout === 'scores' ? await inputRun(db, ofJob, 'predict', encoder) : 0;
      const sets = await cohortEmbeddingSets(db, embedRun, row.cohortId);
      const source: ExportSource = {
        layout: row.layout as ExportSource['layout'],
        cropsText: cropsText(usedCrops(await jobOf(db, ofJob))),
        cohort,
        ...(row.names === 'uploaded' ? { sets, names: fileNames(sets) } : codedSets(sets)),
        store,
        levels: (slideId) => slideLevels(db, slideId),
        scores: (slideId) => storedScores(db, graded, slideId),
        onSlide(done) {
          signal.throwIfAborted();
          const ratePerS = (done * 1000) / (Date.now() - startedAt);
          report({ phase: 'export', done, total: sets.length, unit: 'slide', ratePerS });
        },
      };
      const stored = await store.put(`exports/${row.id}.zip`, zipStream(exportEntries(source), row.createdAt));
      const seconds = (Date.now() - startedAt) / 1000;
      const made = {
        objectKey: stored.key,
        sha256: stored.sha256,
        bytes: stored.bytes,
        slideCount: sets.length,
        cropCount: sets.reduce((sum, set) => sum + set.cropCount, 0),
      };
      await db.transaction().execute(async (trx) => {
        await markExportReady(trx, row.id, made);
        await succeed(trx, lease, { export_id: row.id, ...made, seconds });
      });
      log(`run ${run.id} export: ${made.slideCount} slides, ${made.bytes} bytes (${seconds} s)`);
    } catch (error) {
      if (!signal.aborted) await markExportFailed(db, row.id, lease);
      throw error;
    }
  };
}

function cropsText({ mpp, sizePx, stridePx, selection }: UsedCrops): string {
  const crops = {
    mpp,
    size_px: sizePx,
    stride_px: stridePx,
    crop_selection: selection,
    crop_selection_sha256: selectionHash(selection),
  };
  return `${JSON.stringify(crops, null, 2)}\n`;
}
