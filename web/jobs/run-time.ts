import type { RunMessage } from '@stroma/core/http/job';
import { durationLabel } from '@stroma/core/units';
import { useEffect, useState } from 'react';
import { figure } from '../parts/number-label.ts';

/** The time now, once a second while something runs. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** Seconds from the first start to the last end. */
export function secondsOf(runs: RunMessage[], now: number): number | null {
  const starts = runs
    .map((run) => run.startedAt)
    .filter((at) => at !== null)
    .map(Date.parse);
  if (starts.length === 0) return null;
  const ends = runs
    .map((run) => (run.endedAt ? Date.parse(run.endedAt) : run.status === 'running' ? now : null))
    .filter((at) => at !== null);
  return ends.length > 0 ? Math.max(0, Math.max(...ends) - Math.min(...starts)) / 1000 : null;
}

/** 0…1 of the stage, null while nothing is known. */
export function shareOf(runs: RunMessage[]): number | null {
  if (runs.length > 1) return runs.filter((run) => run.status === 'succeeded').length / runs.length;
  const progress = runs[0]?.progress;
  return progress && progress.total > 0 ? progress.done / progress.total : null;
}

/** `58 s left` from the rate the worker reports. */
export function leftOf(run: Pick<RunMessage, 'status' | 'progress'> | undefined): string | null {
  const progress = run?.progress;
  if (run?.status !== 'running' || !progress?.ratePerS) return null;
  if (progress.done >= progress.total) return 'finishing';
  return `${durationLabel((progress.total - progress.done) / progress.ratePerS)} left`;
}

/** `unet: step 120 of 360, 4.20 steps/s` */
export function progressLine(run: Pick<RunMessage, 'progress'>): string | null {
  const { progress } = run;
  if (!progress) return null;
  const rate = progress.ratePerS ? `, ${figure(progress.ratePerS)} ${progress.unit}s/s` : '';
  return `${progress.phase}: ${progress.unit} ${progress.done} of ${progress.total}${rate}`;
}
