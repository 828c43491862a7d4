'use client';
import type { JobList, JobMessage, RunStatus } from '@stroma/core/http/job';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { hasWords } from '../parts/list-order.ts';
import { counted } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';
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
  const search = parameters.get('search') ?? '';
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
          <SearchField
            label="Search jobs"
            placeholder="Cohort, preset, seed, number"
            value={search}
            onFind={(text) => change({ search: text })}
          />
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
          const shown = jobs.filter((job) => (!state || job.status === state) && matches(job, search));
          if (shown.length > 0) return <JobTable jobs={shown} />;
          if (jobs.length > 0) return <Empty title="No job is like this" />;
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

const matches = ({ id, cohortName, preset, seed }: JobMessage, search: string) =>
  hasWords(search, `job ${id}`, cohortName, preset, `seed ${seed}`);
