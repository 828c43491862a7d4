'use client';
import type { JobDetail, MetricSeries } from '@stroma/core/http/job';
import { useMemo } from 'react';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { type Chart, chartsOf } from './charts-of.ts';
import { Curve } from './curve.tsx';
import classes from './jobs.module.css';
import { nameOf } from './setting-differences.ts';

const trainings = new Set(['train_dino', 'train_eldm', 'train_gen_dino', 'train_abmil']);

/** One stage's curves of two jobs over one another, on the same axes. */
export function JointCurves({ jobs }: { jobs: readonly [JobDetail, JobDetail] }) {
  const { parameters, change } = useUrlState();
  const [a, b] = jobs;
  const stages = a.runs
    .filter((run) => trainings.has(run.stage) && otherOf(b, run))
    .map((run) => ({ value: `${run.stage}-${run.encoder ?? 'none'}`, label: nameOf(run), run }));
  const chosen = stages.find(({ value }) => value === parameters.get('stage')) ?? stages[0];
  const first = useJson<MetricSeries>(chosen ? `/api/runs/${chosen.run.id}/metrics` : null);
  const other = chosen && otherOf(b, chosen.run);
  const second = useJson<MetricSeries>(other ? `/api/runs/${other.id}/metrics` : null);
  if (!chosen) return <p className="soft">No stage was trained by both jobs.</p>;
  return (
    <>
      <div style={{ marginBottom: 8 }}>
        <Choice
          label="Stage"
          hideLabel
          options={stages.map(({ value, label }) => ({ value, label }))}
          value={chosen.value}
          onChange={(value) => change({ stage: value })}
          width={220}
        />
      </div>
      <Answer of={first} what="the first job’s curves">
        {(from) => (
          <Answer of={second} what="the second job’s curves">
            {(to) => <Charts first={from} second={to} names={[`job ${a.id}`, `job ${b.id}`]} />}
          </Answer>
        )}
      </Answer>
    </>
  );
}

const otherOf = (job: JobDetail, run: JobDetail['runs'][number]) =>
  job.runs.find((one) => one.stage === run.stage && one.encoder === run.encoder);

function Charts({ first, second, names }: { first: MetricSeries; second: MetricSeries; names: [string, string] }) {
  const charts = useMemo(() => jointCharts(first, second, names), [first, second, names[0], names[1]]);
  if (charts.length === 0) return <p className="soft">There are no numbers of this stage in both jobs yet.</p>;
  return (
    <div className={classes.curves}>
      {charts.map((chart) => (
        <Curve key={chart.key} chart={chart} />
      ))}
    </div>
  );
}

/** A chart for every line that both have; what only one of them measured has nothing to be laid over. */
export function jointCharts(first: MetricSeries, second: MetricSeries, names: readonly [string, string]): Chart[] {
  const others = chartsOf(second.series, null).flatMap(({ charts }) => charts);
  return chartsOf(first.series, null).flatMap(({ charts, phase }) =>
    charts.flatMap(({ key, quantity, series, level }) => {
      const other = others.find((one) => one.key === key);
      return series.flatMap((line): Chart[] => {
        const beside = other?.series.find((one) => one.name === line.name);
        if (!beside) return [];
        const title = series.length > 1 ? `${quantity.title}: ${line.name.replaceAll('_', ' ')}` : quantity.title;
        return [
          {
            key: `${key} ${line.name}`,
            quantity: { ...quantity, title: `${title}, ${phase}` },
            series: [
              { ...line, name: names[0] },
              { ...beside, name: names[1] },
            ],
            level,
          },
        ];
      });
    }),
  );
}
