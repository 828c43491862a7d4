import type { Problem } from '@stroma/core/errors';
import type { RunStatus } from '@stroma/core/http/job';
import type { Transaction } from 'kysely';
import { sql } from './client.ts';
import { cropsAreStale, requestCropSets } from './crop-sets.ts';
import type { Encoder } from './run-inputs.ts';
import { announce, enqueue } from './runs.ts';
import type { DB } from './schema.ts';

interface Wanted {
  slideId: string;
  modelRunId: number;
  encoderRunId: number;
  jobId: number;
  encoder: Encoder;
  mpp: number;
  sizePx: number;
  stridePx: number;
}

// Of a run joined to nothing: its grading of a slide is not at hand, and nothing goes on that would bring it.
const isStuck = sql<boolean>`(run.status in ('failed', 'cancelled') or run.status = 'queued' and exists (
  select from run_input join run need on need.id = input_run_id
  where run_id = run.id and need.status in ('failed', 'cancelled')))`;

/**
 * Has new slides graded by the active models: those that came since a model was made active, have a scale, are not of its
 * own cohort, and are neither graded at their present scale nor about to be. Each gets its crops on the model's grid first.
 */
export async function requestGradings(trx: Transaction<DB>, slideIds: readonly string[]): Promise<void> {
  // Held until the end of the transaction: whoever turns a model off then sees what was asked of it here.
  const { rows } = await sql<Wanted>`
    select slide.id as "slideId", active_model.run_id as "modelRunId", model.job_id as "jobId", model.encoder,
      job.mpp, job.size_px as "sizePx", job.stride_px as "stridePx",
      (select checkpoint.run_id from run_input join embedding_set on embedding_set.run_id = input_run_id
        join checkpoint on checkpoint.id = checkpoint_id where run_input.run_id = model.id limit 1) as "encoderRunId"
    from active_model join run model on model.id = active_model.run_id join job on job.id = model.job_id
      join slide on slide.id = any(${slideIds}::uuid[])
    where active_model.ended_at is null and slide.scale_state = 'known'
      and slide.created_at >= active_model.activated_at
      and not exists (select from cohort_slide
        where cohort_slide.cohort_id = job.cohort_id and cohort_slide.slide_id = slide.id)
      and not exists (select from run join crop_set on crop_set.id = (run.config->>'cropSetId')::int
        where run.stage = 'grade_slide' and run.slide_id = slide.id
          and (run.config->>'modelRunId')::int = active_model.run_id
          and not crop_set.superseded and not ${cropsAreStale} and not ${isStuck})
    order by active_model.id, slide.id for share of active_model`.execute(trx);
  for (const wanted of rows) await requestGrading(trx, wanted);
}

async function requestGrading(trx: Transaction<DB>, wanted: Wanted): Promise<void> {
  const { slideId, modelRunId, encoderRunId, jobId, encoder, mpp, sizePx, stridePx } = wanted;
  // What waits for crops that were never cut is not waited for any more.
  const given = await sql<{ id: number }>`update run set status = 'cancelled', ended_at = now()
    where stage = 'grade_slide' and status = 'queued' and slide_id = ${slideId}::uuid
      and (config->>'modelRunId')::int = ${modelRunId} returning id`.execute(trx);
  for (const { id } of given.rows) await announce(trx, id);
  for (const { cropSetId, runId } of await requestCropSets(trx, [slideId], [mpp], { sizePx, stridePx })) {
    const inputs = [
      { runId: encoderRunId, role: 'encoder' },
      { runId: modelRunId, role: 'abmil' },
      ...(runId === null ? [] : [{ runId, role: 'crops' }]),
    ];
    await enqueue(trx, { stage: 'grade_slide', jobId, encoder, slideId, config: { modelRunId, cropSetId }, inputs });
  }
}

/** What a model made of a slide on its arrival, or how far that is. */
export interface SlideGradingRow {
  runId: number;
  modelRunId: number;
  jobId: number;
  cohortName: string;
  encoder: Encoder;
  status: RunStatus;
  /** Of the grading, or of the cutting that it waits for; the run of it that can be retried. */
  error: Problem | null;
  retryRunId: number | null;
  predictionId: number | null;
  classes: string[];
  folds: number[] | null;
  probabilities: number[] | null;
  modelProbabilities: number[] | null;
  /** Temperature and abstain band of the slide model's training, for slides of no fold. */
  calibration: { temperature: number; abstain_below: number | null } | null;
  stale: boolean;
}

/** Of a statement over `slide`: the latest grading of it by each model; those called off are left out. */
export const slideGradings = sql<SlideGradingRow[]>`(
  select coalesce(json_agg(json_build_object(
      'runId', run.id, 'modelRunId', (run.config->>'modelRunId')::int, 'jobId', run.job_id,
      'cohortName', cohort.name, 'encoder', run.encoder,
      'status', case when blocked.id is null then run.status else 'failed' end,
      'error', coalesce(blocked.error, run.error),
      'retryRunId', coalesce(blocked.id, case when run.status = 'failed' then run.id end),
      'predictionId', prediction.id, 'classes', cohort.classes, 'folds', prediction.folds,
      'calibration', model.result->'metrics'->'calibration'->'all',
      'probabilities', prediction.probabilities, 'modelProbabilities', prediction.model_probabilities,
      'stale', crop_set.superseded or ${cropsAreStale}) order by run.id desc), '[]')
  from (select distinct on (config->>'modelRunId') * from run
      where stage = 'grade_slide' and slide_id = slide.id order by config->>'modelRunId', id desc) as run
    join run model on model.id = (run.config->>'modelRunId')::int
    join job on job.id = run.job_id join cohort on cohort.id = job.cohort_id
    join crop_set on crop_set.id = (run.config->>'cropSetId')::int
    left join prediction on prediction.run_id = run.id
    left join lateral (select need.id, need.error from run_input join run need on need.id = input_run_id
      where run_id = run.id and run.status = 'queued' and need.status in ('failed', 'cancelled') limit 1) as blocked on true
  where run.status <> 'cancelled')`;
