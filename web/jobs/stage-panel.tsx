'use client';
import type { JobDetail } from '@stroma/core/http/job';
import { useState } from 'react';
import { Choice } from '../parts/choice.tsx';
import { counted } from '../parts/number-label.ts';
import { Section } from '../parts/page.tsx';
import { canRerun, RerunStage } from './rerun-stage.tsx';
import { type OnResume, RunPanel } from './run-panel.tsx';
import type { StageNode } from './stage-graph.ts';

/** What the chosen stage did or does; a stage of several runs lets one choose among them. */
export function StagePanel({
  node,
  job,
  onResume,
}: {
  node: StageNode;
  job: JobDetail;
  onResume: OnResume | undefined;
}) {
  const [runId, setRunId] = useState<string | null>(null);
  const { tiling } = job;
  if (node.stage === 'tile') {
    return (
      <Section title={node.title}>
        <p>
          {tiling.done} of {counted(tiling.total, 'slide')} cut, {counted(tiling.crops, 'crop')} so far
          {tiling.failed > 0 ? `, ${counted(tiling.failed, 'slide')} failed` : ''}.
        </p>
        {job.runs
          .filter((run) => run.stage === 'tile')
          .map((run) => (
            <RunPanel key={run.id} run={run} onResume={onResume} />
          ))}
      </Section>
    );
  }
  const run =
    node.runs.find((one) => String(one.id) === runId) ??
    node.runs.find((one) => one.status === 'failed' || one.status === 'running') ??
    node.runs[0];
  if (!run) return null;
  const choices = node.runs.map((one) => ({ value: String(one.id), label: `run ${one.id}: ${one.status}` }));
  return (
    <Section
      title={node.title}
      aside={
        <span style={{ display: 'inline-flex', gap: 10 }}>
          {node.runs.length > 1 && (
            <Choice
              label="Run of this stage"
              hideLabel
              options={choices}
              value={String(run.id)}
              onChange={setRunId}
              width={200}
            />
          )}
          {run.status === 'succeeded' && canRerun(node.stage) && <RerunStage job={job} stage={node.stage} />}
        </span>
      }
    >
      <RunPanel key={run.id} run={run} onResume={onResume} />
    </Section>
  );
}
