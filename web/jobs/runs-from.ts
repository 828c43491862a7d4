import type { JobDetail, RunMessage, Stage } from '@stroma/core/http/job';

/** Runs that a job begun again from a stage does anew: the stage's own and all that build on them. */
export function runsFrom(runs: JobDetail['runs'], stage: Stage): RunMessage[] {
  const again = new Set<number>();
  for (const run of [...runs].sort((a, b) => a.id - b.id)) {
    if (run.stage === stage || run.inputs.some((input) => again.has(input))) again.add(run.id);
  }
  return runs.filter((run) => again.has(run.id));
}
