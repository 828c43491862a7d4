'use client';
import type { JobList, RunStatus } from '@stroma/core/http/job';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';
import { JobTable } from './job-table.tsx';

const states: { value: RunStatus; label: string }[] = [
  { value: 'queued', label: 'queued' },
  { value: 'running', label: 'running' },
  { value: 'succeeded', label: 'done' },
  { value: 'failed', label: 'failed' },
  { value: 'cancelled', label: 'stopped' },
];

export function JobsPage() {
  const { parameters, change } = useUrlState();
  const state = parameters.get('state');
  const list = useJson<JobList>('/api/jobs', {
    refreshInterval: (data) =>
      data?.jobs.some((job) => job.status === 'running' || job.status === 'queued') ? 3000 : 0,
  });
  return (
    <Page
      title="Jobs"
      about={list.data ? counted(list.data.jobs.length, 'job') : undefined}
      acts={
        <>
          {list.data && list.data.jobs.length > 1 && <Link href="/jobs/compare">Compare two jobs</Link>}
          <Choice
            label="State"
            hideLabel
            anything="Any state"
            options={states}
            value={state}
            onChange={(value) => change({ state: value })}
            width={150}
          />
        </>
      }
    >
      <Answer of={list} what="jobs">
        {({ jobs }) => {
          const shown = state ? jobs.filter((job) => job.status === state) : jobs;
          if (shown.length > 0) return <JobTable jobs={shown} />;
          if (jobs.length > 0) return <Empty title="No job is in this state" />;
          return (
            <Empty title="No jobs yet">
              A training job is started from a <Link href="/cohorts">cohort</Link>.
            </Empty>
          );
        }}
      </Answer>
    </Page>
  );
}
