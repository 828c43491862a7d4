import type { JobMessage } from '@stroma/core/http/job';
import { durationLabel, scaleLabel } from '@stroma/core/units';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { State } from '../parts/state.tsx';

const columns: Column<JobMessage>[] = [
  { title: 'Job', cell: (job) => <Link href={`/jobs/${job.id}`}>Job {job.id}</Link> },
  { title: 'State', cell: (job) => <State name={job.status} /> },
  { title: 'Cohort', cell: (job) => <Link href={`/cohorts/${job.cohortId}`}>{job.cohortName}</Link> },
  { title: 'Preset', cell: (job) => job.preset },
  { title: 'Crops at', cell: (job) => scaleLabel(job.mpp) },
  { title: 'Seed', number: true, cell: (job) => job.seed },
  { title: 'Started', cell: (job) => <Moment at={job.createdAt} /> },
  {
    title: 'Took',
    number: true,
    cell: (job) => (job.endedAt ? durationLabel((Date.parse(job.endedAt) - Date.parse(job.createdAt)) / 1000) : '–'),
  },
];

export function JobTable({ jobs }: { jobs: JobMessage[] }) {
  return <ListTable label="Jobs" columns={columns} rows={jobs} rowKey={(job) => job.id} />;
}
