'use client';
import type { MetricSeries, RunMessage } from '@stroma/core/http/job';
import { durationLabel } from '@stroma/core/units';
import { useMemo } from 'react';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Meter } from '../parts/meter.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import { chartsOf } from './charts-of.ts';
import { Curve } from './curve.tsx';
import classes from './jobs.module.css';
import { leftOf, progressLine, secondsOf, shareOf, useNow } from './run-time.ts';

/** One run: how far it is, its curves, its log, what went wrong. */
export function RunPanel({ run, onResume }: { run: RunMessage; onResume: (() => void) | undefined }) {
  const metrics = useJson<MetricSeries>(`/api/runs/${run.id}/metrics`);
  const now = useNow(run.status === 'running');
  const seconds = secondsOf([run], now);
  const share = shareOf([run]);
  return (
    <div className={classes.run}>
      <p className={classes.runLine}>
        <State name={run.status} />
        {seconds !== null && <span>{durationLabel(seconds)}</span>}
        {run.status === 'running' && <span>{progressLine(run) ?? 'starting'}</span>}
        {leftOf(run) && <span>{leftOf(run)}</span>}
        {run.attempt > 1 && <span className="soft">attempt {run.attempt}</span>}
        <span className="soft">run {run.id}</span>
      </p>
      {run.status === 'running' && share !== null && <Meter share={share} label="Progress of the run" />}
      {run.error && <ProblemView problem={run.error} onRetry={onResume} retryWord="Resume from the last checkpoint" />}
      <Answer of={metrics} what="curves and log">
        {(data) => <Curves data={data} lnK={lnKOf(run)} />}
      </Answer>
    </div>
  );
}

function Curves({ data, lnK }: { data: MetricSeries; lnK: number | null }) {
  const charts = useMemo(() => chartsOf(data.series, lnK), [data, lnK]);
  return (
    <>
      {charts.length > 0 && (
        <div className={classes.curves}>
          {charts.map((chart) => (
            <Curve key={chart.title} chart={chart} />
          ))}
        </div>
      )}
      {data.log.length > 0 ? (
        <details open className={classes.log}>
          <summary>Log, {counted(data.log.length, 'line')}</summary>
          <ol className="mono">
            {data.log.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a log only grows
              <li key={index}>
                <time dateTime={line.at} className="soft">
                  {new Date(line.at).toLocaleTimeString('en-GB')}
                </time>{' '}
                {line.message}
              </li>
            ))}
          </ol>
        </details>
      ) : (
        charts.length === 0 && <p className="soft">No curves and no log lines from this run.</p>
      )}
    </>
  );
}

/** ln K as a finished run's model card gives it. */
function lnKOf(run: RunMessage): number | null {
  const checkpoints = run.result?.checkpoints;
  if (!Array.isArray(checkpoints)) return null;
  const cards = checkpoints.map((one: { card?: Record<string, unknown> }) => one.card?.ln_k);
  return cards.find((value) => typeof value === 'number') ?? null;
}
