import { StromaError } from '@stroma/core/errors';
import type { JobRequest } from '@stroma/core/http/job';
import { audit } from '@stroma/db/accounts';
import type { Database } from '@stroma/db/client';
import { cohortSlides, selectionOfCohort } from '@stroma/db/cohorts';
import { requestCropSets } from '@stroma/db/crop-sets';
import { createJob } from '@stroma/db/jobs';
import { noCohort } from '../cohorts/cohort-message.ts';
import { cropGrid } from '../slides/crop-grid.ts';
import { requireCuttable } from '../slides/cuttable.ts';
import { requireAbmilSettings } from './abmil-overrides.ts';
import { jobGraph, jobStages } from './graph.ts';

/** Stores a job, the crops it lacks and its graph, or nothing of it. */
export async function startJob(db: Database, request: JobRequest, userId: string): Promise<number> {
  requireKnownStages(request);
  requireAbmilSettings(request.overrides?.train_abmil);
  const { cohortId, preset, mpp, seed, overrides = {} } = request;
  return await db.transaction().execute(async (tx) => {
    const slides = await cohortSlides(tx, cohortId);
    if (slides.length === 0) {
      throw noCohort(cohortId);
    }
    const grid = cropGrid(request);
    const cropSelection = request.cropSelection ?? (await selectionOfCohort(tx, cohortId));
    requireGrades(slides);
    requireCuttable(slides, mpp);
    const slideIds = slides.map((slide) => slide.slideId);
    const sets = await requestCropSets(tx, slideIds, [mpp], grid);
    const tileRunIds = sets.flatMap((set) => (set.runId === null ? [] : [set.runId]));
    const job = { cohortId, preset, mpp, ...grid, cropSelection, seed, overrides, createdBy: userId };
    const id = await createJob(tx, job, jobGraph(request, tileRunIds));
    const detail = { cohortId, preset, mpp, ...grid, cropSelection, seed };
    await audit(tx, { userId, action: 'job.started', subject: `job:${id}`, detail });
    return id;
  });
}

function requireGrades(slides: readonly { label: number | null }[]): void {
  const labels = new Set(slides.flatMap((slide) => (slide.label === null ? [] : [slide.label])));
  if (labels.size >= 2) return;
  throw new StromaError({
    code: 'job.labels',
    message: 'Grading needs labels: the cohort does not have slides of two grades.',
    expected: 'labelled slides of at least 2 grades',
    found: `${labels.size}`,
    remedy: 'Make a cohort whose labels have a grade for most slides.',
  });
}

function requireKnownStages({ overrides = {} }: JobRequest): void {
  const unknown = Object.keys(overrides).filter((stage) => !jobStages.includes(stage as (typeof jobStages)[number]));
  if (unknown.length === 0) return;
  throw new StromaError(
    {
      code: 'job.overrides',
      message: 'Only stages of a training job can be overridden.',
      expected: jobStages.join(', '),
      found: unknown.join(', '),
      where: 'body.overrides',
      remedy: 'Name stages as they are expected, each with the settings to replace.',
    },
    400,
  );
}
