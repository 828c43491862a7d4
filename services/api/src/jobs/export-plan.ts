import { exportBytes } from '@stroma/core/export-size';
import { codedSets, fileNames } from '@stroma/core/exported-names';
import { encoders } from '@stroma/core/http/common';
import { type ExportPlan, type ExportSlides, type ExportSlidesQuery, layouts } from '@stroma/core/http/export';
import type { Database } from '@stroma/db/client';
import { findCohort } from '@stroma/db/cohorts';
import { exportedSets, exportRates } from '@stroma/db/export-slides';
import type { JobRow } from '@stroma/db/jobs';
import { exportFileName } from './export-file-name.ts';

/** What can be taken away of a job by now, and how much it is. */
export async function exportPlan(db: Database, { id: jobId, cohortId, cohortName }: JobRow): Promise<ExportPlan> {
  const [rates, cohort] = await Promise.all([exportRates(db), findCohort(db, cohortId)]);
  const exports: ExportPlan['exports'] = [];
  for (const encoder of encoders) {
    const wanted = { jobId, cohortId, encoder };
    const [all, graded] = [
      await exportedSets(db, { ...wanted, scores: false }),
      await exportedSets(db, { ...wanted, scores: true }),
    ];
    for (const layout of layouts) {
      const sets = layout === 'scores' ? graded : all;
      if (sets.length === 0) continue;
      const slides = sets.map(({ cropCount, dim }) => ({ crops: cropCount, dim }));
      const bytes = exportBytes(layout, slides, cohort?.classes.length ?? 0);
      const rate = rates.get(layout);
      exports.push({
        encoder,
        layout,
        slides: slides.length,
        crops: slides.reduce((sum, { crops }) => sum + crops, 0),
        bytes,
        seconds: rate === undefined ? null : bytes / rate,
        fileName: exportFileName({ cohortName, encoder, layout }),
      });
    }
  }
  return { exports };
}

export async function exportSlides(
  db: Database,
  { id: jobId, cohortId }: JobRow,
  { encoder, layout, names = 'coded' }: ExportSlidesQuery,
): Promise<ExportSlides> {
  const sets = await exportedSets(db, { jobId, cohortId, encoder, scores: layout === 'scores' });
  const fileOf = names === 'uploaded' ? fileNames(sets) : codedSets(sets).names;
  const classes = (await findCohort(db, cohortId))?.classes ?? [];
  return {
    slides: sets.map(({ slideId, slideName, label, cropCount }) => ({
      slideId,
      name: slideName,
      file: fileOf.get(slideId) ?? slideId,
      label: label === null ? null : (classes[label] ?? null),
      crops: cropCount,
    })),
  };
}
