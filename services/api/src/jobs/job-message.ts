import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import type { JobDetail, JobMessage, RunMessage } from '@stroma/core/http/job';
import type { Database } from '@stroma/db/client';
import { findJob, type JobRow, jobTiling } from '@stroma/db/jobs';
import { jobRuns, type RunListRow } from '@stroma/db/run-list';

export async function jobDetail(db: Database, id: number): Promise<JobDetail> {
  const job = await existingJob(db, id);
  const [runs, tiling] = await Promise.all([jobRuns(db, id), jobTiling(db, job)]);
  return { ...jobMessage(job), runs: runs.map(runMessage), tiling };
}

export async function existingJob(db: Database, id: number): Promise<JobRow> {
  const job = await findJob(db, id);
  if (job) return job;
  throw new StromaError(
    {
      code: 'job.unknown',
      message: 'There is no such job.',
      found: `job ${id}`,
      remedy: 'The list of jobs has those there are.',
    },
    404,
  );
}

export function jobMessage({ createdAt, endedAt, preset, cropSelection, overrides, ...row }: JobRow): JobMessage {
  return {
    ...row,
    preset: preset as JobMessage['preset'],
    cropSelection: cropSelection as CropSelection,
    overrides: overrides as JobMessage['overrides'],
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}

function runMessage({ createdAt, startedAt, endedAt, stage, encoder, status, ...row }: RunListRow): RunMessage {
  return {
    ...row,
    stage: stage as RunMessage['stage'],
    encoder: encoder as RunMessage['encoder'],
    status: status as RunMessage['status'],
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}
