'use client';
import { Button } from '@mantine/core';
import type { JobDetail } from '@stroma/core/http/job';
import { selectionLabel } from '@stroma/core/selection-label';
import { useParams } from 'next/navigation';
import { useMemo } from 'react';
import { cropsLabel } from '../crops/crop-words.ts';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { JobExports } from '../exports/job-exports.tsx';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import { Comparison } from './comparison.tsx';
import { JobSettings } from './job-settings.tsx';
import { type StageNode, stageGraph } from './stage-graph.ts';
import { StageGraphView } from './stage-graph-view.tsx';
import { StagePanel } from './stage-panel.tsx';
import { StopJob } from './stop-job.tsx';
import { useJobEvents } from './use-job-events.ts';
import { useResume } from './use-resume.ts';

const alive = (job?: JobDetail) => job?.status === 'running' || job?.status === 'queued';

export function JobPage() {
  const { id } = useParams<{ id: string }>();
  const job = useJson<JobDetail>(`/api/jobs/${id}`, { refreshInterval: (data) => (alive(data) ? 10_000 : 0) });
  useJobEvents(id);
  const resume = useResume(id);
  const { parameters, change } = useUrlState();
  const wanted = parameters.get('stage');
  const nodes = useMemo(() => (job.data ? stageGraph(job.data).nodes : []), [job.data]);
  const chosen = nodes.find((node) => node.key === wanted) ?? mostTelling(nodes);
  const resumable = job.data?.status === 'failed' || job.data?.status === 'cancelled';

  return (
    <Page
      title={`Job ${id}`}
      about={job.data && <Facts job={job.data} />}
      acts={
        <>
          {job.data && alive(job.data) && <StopJob job={job.data} />}
          {resumable && (
            <Button loading={resume.busy} onClick={() => void resume.run()} data-testid="resume-job">
              Resume
            </Button>
          )}
        </>
      }
    >
      {resume.problem && <ProblemView problem={resume.problem} onRetry={() => void resume.run()} />}
      <Answer of={job} what="the job">
        {(data) => (
          <>
            <StageGraphView job={data} chosen={chosen?.key ?? null} onChoose={(stage) => change({ stage })} />
            {chosen && (
              <StagePanel
                key={chosen.key}
                node={chosen}
                job={data}
                onResume={resumable ? (how) => void resume.run(how) : undefined}
              />
            )}
            <Section title="Settings">
              <JobSettings job={data} />
            </Section>
            <Section
              title="DINO beside Gen-DINO"
              aside={
                <Link href={`/jobs/${id}/comparison`} data-testid="open-comparison">
                  Compare them in full
                </Link>
              }
            >
              <Comparison runs={data.runs} />
            </Section>
            <Section title="Export embeddings">
              <JobExports job={data} />
            </Section>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Facts({ job }: { job: JobDetail }) {
  return (
    <span style={{ display: 'inline-flex', gap: 14, flexWrap: 'wrap' }}>
      <span data-testid="job-status" data-status={job.status}>
        <State name={job.status} />
      </span>
      <span>
        cohort <Link href={`/cohorts/${job.cohortId}`}>{job.cohortName}</Link>
      </span>
      {job.baseJobId !== null && (
        <span>
          begun from <Link href={`/jobs/${job.baseJobId}`}>job {job.baseJobId}</Link>
        </span>
      )}
      <span>preset {job.preset}</span>
      <span>
        crops at {cropsLabel(job)}: {selectionLabel(job.cropSelection)}
      </span>
      <span>seed {job.seed}</span>
    </span>
  );
}

/** What failed, else what runs, else the last training stage that ended. */
function mostTelling(nodes: StageNode[]): StageNode | undefined {
  return (
    nodes.find((node) => node.status === 'failed') ??
    nodes.find((node) => node.status === 'running') ??
    nodes.findLast(
      (node) => node.status === 'succeeded' && node.stage.startsWith('train_') && node.stage !== 'train_abmil',
    ) ??
    nodes[0]
  );
}
