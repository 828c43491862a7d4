import { alarmProblems } from '@stroma/core/contract/alarm';
import type { Problem } from '@stroma/core/errors';
import type { RunProgress, RunStatus, Stage } from '@stroma/core/http/job';
import { type Database, sql } from './client.ts';
import { jobTiling, listJobs } from './jobs.ts';
import { jobRuns } from './run-list.ts';

/** More are on the page of jobs. */
const shownJobs = 5;

interface Counts {
  total: number;
  ready: number;
  scaleOpen: number;
  arriving: number;
  cut: number;
  crops: number;
  cohorts: number;
  cohortSlides: number;
  failedReadings: number;
  slideBytes: number;
  cropBytes: number;
  exportBytes: number;
}

/** What there is, by number. */
export async function overviewCounts(db: Database): Promise<Counts> {
  const { rows } = await sql<Counts>`select
    slides.*, crop_sets.*, members.*,
    (select count(*) from upload where group_id is null and status in ('receiving', 'reading', 'waiting'))
      + (select count(*) from upload_group where status in ('receiving', 'reading')) as "arriving",
    (select count(*) from cohort) as "cohorts",
    (select count(*) from run where stage = 'read_slide' and status in ('failed', 'cancelled')) as "failedReadings",
    (select coalesce(sum(bytes), 0)::bigint from shard) as "cropBytes",
    (select coalesce(sum(bytes), 0)::bigint from export where status = 'ready') as "exportBytes"
    from (select count(*) as "total", count(*) filter (where scale_state = 'known') as "ready",
        count(*) filter (where scale_state <> 'known') as "scaleOpen",
        coalesce(sum(bytes), 0)::bigint as "slideBytes" from slide) as slides,
      (select count(distinct slide_id) as "cut", coalesce(sum(crop_count), 0)::bigint as "crops"
        from crop_set where status = 'ready' and not superseded) as crop_sets,
      (select count(distinct slide_id) as "cohortSlides" from cohort_slide) as members`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('an aggregate has one row');
  return row;
}

/** The newest job with ABMIL folds that are done. */
export async function newestGradedJob(db: Database): Promise<{ id: number; cohortName: string } | undefined> {
  return await db
    .selectFrom('run')
    .innerJoin('job', 'job.id', 'run.jobId')
    .innerJoin('cohort', 'cohort.id', 'job.cohortId')
    .select(['job.id', 'cohort.name as cohortName'])
    .where('run.stage', '=', 'train_abmil')
    .where('run.status', '=', 'succeeded')
    .orderBy('job.id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Jobs that run or wait, with what of them runs; the slides that are cut count as one step. */
export async function openJobs(db: Database) {
  const open = (await listJobs(db)).filter(({ status }) => status === 'running' || status === 'queued');
  return await Promise.all(
    open.slice(0, shownJobs).map(async (job) => {
      const [runs, tiling] = await Promise.all([jobRuns(db, job.id), jobTiling(db, job)]);
      const steps = runs.filter((run) => run.stage !== 'tile');
      const isCut = tiling.done >= tiling.total;
      const cutting = {
        stage: 'tile' as Stage,
        encoder: null,
        progress: {
          phase: 'crops',
          done: tiling.done,
          total: tiling.total,
          unit: 'slide',
          ratePerS: null,
        } as RunProgress,
        startedAt: null,
      };
      return {
        job,
        done: steps.filter((run) => run.status === 'succeeded').length + Number(isCut),
        total: steps.length + 1,
        running: [...(isCut ? [] : [cutting]), ...steps.filter((run) => run.status === 'running')],
      };
    }),
  );
}

/** The newest failure of each job that has one, also of the slides it waits for. */
export async function failedJobs(db: Database) {
  const { rows } = await sql<{ id: number; cohortName: string; stage: Stage; problem: Problem | null; alarm: boolean }>`
    select distinct on (job.id) job.id, cohort.name as "cohortName", run.stage, run.error as problem,
      coalesce(run.error->>'code' = any(${alarmProblems}::text[]), false) as alarm
    from job join cohort on cohort.id = job.cohort_id join run on run.stage <> 'export' and (run.job_id = job.id
      or run.id in (select input_run_id from run_input join run needing on needing.id = run_id
        where needing.job_id = job.id))
    where run.status = ${'failed' satisfies RunStatus}
    order by job.id desc, run.id desc limit ${shownJobs}`.execute(db);
  return rows;
}

/** Cohorts of which two members in different folds may be one slide in two files. */
export async function leakingCohorts(db: Database) {
  const { rows } = await sql<{ id: number; name: string; pairs: number }>`
    select cohort.id, cohort.name, count(*) as pairs
    from slide_duplicate
      join cohort_slide one on one.slide_id = slide_duplicate.slide_id
      join cohort_slide other on other.slide_id = slide_duplicate.twin_id and other.cohort_id = one.cohort_id
      join cohort_patient first on (first.cohort_id, first.patient_id) = (one.cohort_id, one.patient_id)
      join cohort_patient second on (second.cohort_id, second.patient_id) = (other.cohort_id, other.patient_id)
      join cohort on cohort.id = one.cohort_id
    where slide_duplicate.slide_id < slide_duplicate.twin_id and first.fold <> second.fold
    group by cohort.id, cohort.name order by cohort.id desc`.execute(db);
  return rows;
}
