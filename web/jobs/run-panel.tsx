'use client';
import { alarmProblems } from '@stroma/core/contract/alarm';
import type { Problem } from '@stroma/core/errors';
import type { MetricSeries, RunMessage } from '@stroma/core/http/job';
import { durationLabel } from '@stroma/core/units';
import { useMemo } from 'react';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Meter } from '../parts/meter.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { State } from '../parts/state.tsx';
import { chartsOf } from './charts-of.ts';
import { CropEvaluationView } from './crop-evaluation-view.tsx';
import { Curve } from './curve.tsx';
import classes from './jobs.module.css';
import { RunPictures } from './run-pictures.tsx';
import { leftOf, progressLine, secondsOf, shareOf, useNow } from './run-time.ts';

export type OnResume = (how?: { ignoreAlarms: boolean }) => void;

/** One run: how far it is, its curves, its log, what went wrong. */
export function RunPanel({ run, onResume }: { run: RunMessage; onResume: OnResume | undefined }) {
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
      {run.error && <WhatFailed problem={run.error} onResume={onResume} />}
      {run.stage === 'evaluate' && <CropEvaluationView run={run} />}
      <Answer of={metrics} what="curves and log">
        {(data) => <Curves data={data} lnK={lnKOf(run)} none={noneYet[run.status]} />}
      </Answer>
      {stagesWithPictures.includes(run.stage) && <RunPictures runId={run.id} running={run.status === 'running'} />}
    </div>
  );
}

const stagesWithPictures: RunMessage['stage'][] = ['train_dino', 'train_eldm', 'train_gen_dino', 'evaluate'];

/** An alarm would stop the run again, so going on in spite of it is what is offered. */
function WhatFailed({ problem, onResume }: { problem: Problem; onResume: OnResume | undefined }) {
  const isAlarm = alarmProblems.includes(problem.code);
  return (
    <>
      <ProblemView
        problem={problem}
        onRetry={onResume && (() => onResume({ ignoreAlarms: isAlarm }))}
        retryWord={isAlarm ? 'Go on in spite of the alarm' : 'Resume from the last checkpoint'}
      />
      {isAlarm && (
        <p className="soft">
          An alarm stopped this run before it took more time. Going on starts from its checkpoint with the same
          settings, and alarms are only told in the log. Other settings need a new job, started on the cohort’s page.
        </p>
      )}
    </>
  );
}

function Curves({ data, lnK, none }: { data: MetricSeries; lnK: number | null; none: string }) {
  const phases = useMemo(() => chartsOf(data.series, lnK), [data, lnK]);
  return (
    <>
      {phases.map(({ phase, charts }) => (
        <section key={phase} aria-label={`Curves of ${phase}`}>
          {phases.length > 1 && <h3 className={classes.phase}>{phaseWord[phase] ?? phase}</h3>}
          <div className={classes.curves}>
            {charts.map((chart) => (
              <Curve key={chart.key} chart={chart} />
            ))}
          </div>
        </section>
      ))}
      {data.log.length > 0 ? (
        <details open className={classes.log}>
          <summary>Log, {counted(data.log.length, 'line')}</summary>
          <Scroll label="Log">
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
          </Scroll>
        </details>
      ) : (
        phases.length === 0 && <p className="soft">{none}</p>
      )}
    </>
  );
}

const noneYet: Record<RunMessage['status'], string> = {
  queued: 'Curves and log appear here once the run has begun.',
  running: 'Curves appear here with the first step, after the crops have been read.',
  succeeded: 'This run left no curves and no log.',
  failed: 'The run failed before its first step.',
  cancelled: 'The run was stopped before its first step.',
};

const phaseWord: Record<string, string> = { autoencoder: 'Autoencoder', unet: 'U-Net', dino: 'DINO' };

/** ln K as a finished run's model card gives it. */
function lnKOf(run: RunMessage): number | null {
  const checkpoints = run.result?.checkpoints;
  if (!Array.isArray(checkpoints)) return null;
  const cards = checkpoints.map((one: { card?: Record<string, unknown> }) => one.card?.ln_k);
  return cards.find((value) => typeof value === 'number') ?? null;
}
