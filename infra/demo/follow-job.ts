import { setTimeout as sleep } from 'node:timers/promises';
import { type Problem, StromaError } from '@stroma/core/errors';
import type { JobDetail, RunMessage } from '@stroma/core/http/job';
import { durationLabel } from '@stroma/core/units';
import type { PortalClient } from './portal-client.ts';

const pollMs = 1_000;
/** Without a terminal a line comes this often, and whenever a stage ends. */
const quietMs = 30_000;

/** Waits for a job, printing how far it is; a failed job is thrown with the reason of its first failed run. */
export async function followJob(client: PortalClient, jobId: number): Promise<JobDetail> {
  const ended = new Set<number>();
  const terminal = process.stdout.isTTY;
  let spokeAt = 0;
  for (;;) {
    const job = await client.get<JobDetail>(`/api/jobs/${jobId}`);
    for (const run of job.runs) {
      if (ended.has(run.id) || !run.endedAt) continue;
      ended.add(run.id);
      clearLine(terminal);
      console.log(`${secondsOf(run).toFixed(1).padStart(6)} s  ${stageName(run)}: ${run.status}`);
    }
    if (job.status === 'succeeded') return job;
    if (job.status === 'failed' || job.status === 'cancelled') throw failure(job);
    if (terminal || Date.now() - spokeAt > quietMs) {
      clearLine(terminal);
      process.stdout.write(`          ${progressLine(job)}${terminal ? '' : '\n'}`);
      spokeAt = Date.now();
    }
    await sleep(pollMs);
  }
}

function clearLine(terminal: boolean): void {
  if (terminal) process.stdout.write('\r\x1b[K');
}

function progressLine(job: JobDetail): string {
  const running = job.runs.filter((run) => run.status === 'running').map(runProgress);
  const { done, total, crops } = job.tiling;
  if (done < total) running.unshift(`crops: ${done} of ${total} slides, ${crops} crops`);
  return running.join('; ') || 'waiting for a worker';
}

function runProgress(run: RunMessage): string {
  const { progress } = run;
  if (!progress) return `${stageName(run)}: starting`;
  const { phase, done, total, unit, ratePerS } = progress;
  const rate = ratePerS
    ? `, ${ratePerS.toPrecision(3)} ${unit}/s, ${durationLabel((total - done) / ratePerS)} left`
    : '';
  return `${stageName(run)}, ${phase}: ${done} of ${total}${rate}`;
}

export function stageName(run: Pick<RunMessage, 'stage' | 'encoder'>): string {
  return run.encoder ? `${run.stage}-${run.encoder}` : run.stage;
}

export function secondsOf(run: Pick<RunMessage, 'startedAt' | 'endedAt'>): number {
  if (!run.startedAt || !run.endedAt) return 0;
  return (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000;
}

function failure(job: JobDetail): StromaError {
  const run = job.runs.find((each) => each.status === 'failed');
  const problem: Problem = run?.error ?? { code: 'job.ended', message: `Job ${job.id} was ${job.status}.` };
  return new StromaError({ ...problem, where: [run && stageName(run), problem.where].filter(Boolean).join(', ') });
}
