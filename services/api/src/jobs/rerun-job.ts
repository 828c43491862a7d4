import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import type { JobRequest, RerunRequest } from '@stroma/core/http/job';
import { audit } from '@stroma/db/accounts';
import type { Database } from '@stroma/db/client';
import { createJob, type JobRow, type JobStep } from '@stroma/db/jobs';
import { doneRun } from '@stroma/db/run-inputs';
import { requireAbmilSettings } from './abmil-overrides.ts';
import { jobGraph } from './graph.ts';

/**
 * Stores a job that does a stage of an earlier one and all that builds on it anew, by other settings if they are given.
 * What came before is taken over, so that nothing of the earlier job is lost and nothing is computed twice.
 */
export async function rerunJob(
  db: Database,
  base: JobRow,
  { from, overrides = {} }: RerunRequest,
  userId: string,
): Promise<number> {
  requireAbmilSettings(overrides.train_abmil);
  const before = base.overrides as NonNullable<JobRequest['overrides']>;
  const { cohortId, preset, mpp, sizePx, stridePx, seed } = base;
  const merged = { ...before };
  for (const [stage, changes] of Object.entries(overrides)) merged[stage] = { ...before[stage], ...changes };
  const request = { cohortId, preset: preset as JobRequest['preset'], mpp, seed, overrides: merged };
  const { again, taken } = splitAt(jobGraph(request, []), from);
  requireAgain(overrides, again);
  const runs = new Map<string, number>();
  for (const step of taken) runs.set(step.key, await finishedRun(db, base.id, step));
  const steps = again.map((step) => ({
    ...step,
    inputs: step.inputs.map(({ role, step: key }) => {
      const runId = key === undefined ? undefined : runs.get(key);
      return runId === undefined ? { role, ...(key !== undefined && { step: key }) } : { role, runIds: [runId] };
    }),
  }));
  return await db.transaction().execute(async (tx) => {
    const job = {
      ...{ cohortId, preset, mpp, sizePx, stridePx, seed, createdBy: userId },
      cropSelection: base.cropSelection as CropSelection,
      overrides: merged,
      base: { jobId: base.id, runIds: [...runs.values()] },
    };
    const id = await createJob(tx, job, steps);
    await audit(tx, { userId, action: 'job.rerun', subject: `job:${id}`, detail: { base: base.id, from, overrides } });
    return id;
  });
}

/** The stage's steps with all that builds on them, and the others; steps come after what they need. */
export function splitAt(steps: readonly JobStep[], from: string): { again: JobStep[]; taken: JobStep[] } {
  const again = new Set<string>();
  for (const { key, stage, inputs } of steps) {
    if (stage === from || inputs.some((input) => input.step !== undefined && again.has(input.step))) again.add(key);
  }
  return {
    again: steps.filter(({ key }) => again.has(key)),
    taken: steps.filter(({ key }) => !again.has(key)),
  };
}

function requireAgain(overrides: object, again: readonly JobStep[]): void {
  const stages = new Set<string>(again.map((step) => step.stage));
  const others = Object.keys(overrides).filter((stage) => !stages.has(stage));
  if (others.length === 0) return;
  throw new StromaError(
    {
      code: 'job.overrides',
      message: 'Only stages that run again can have other settings.',
      expected: [...stages].join(', '),
      found: others.join(', '),
      where: 'body.overrides',
      remedy: 'Begin from an earlier stage, or leave these settings out.',
    },
    400,
  );
}

async function finishedRun(db: Database, jobId: number, { stage, encoder }: JobStep): Promise<number> {
  const runId = await doneRun(db, jobId, stage, encoder);
  if (runId !== undefined) return runId;
  throw new StromaError(
    {
      code: 'job.unfinished',
      message: 'A stage that would be taken over is not done.',
      expected: 'every stage before the one to begin from, done',
      found: `no finished ${stage}${encoder ? ` of ${encoder}` : ''}`,
      where: `job ${jobId}`,
      remedy: 'Resume the job and wait for it, or begin from an earlier stage.',
    },
    409,
  );
}
