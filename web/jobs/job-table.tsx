import type { JobMessage } from '@stroma/core/http/job';
import { durationLabel, scaleLabel } from '@stroma/core/units';
import { Link } from '../parts/link.tsx';
import type { Column } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { OrderedTable } from '../parts/ordered-table.tsx';
import { State } from '../parts/state.tsx';

const columns: Column<JobMessage>[] = [
  {
    title: 'Job',
    orderBy: 'job',
    value: (job) => job.id,
    cell: (job) => <Link href={`/jobs/${job.id}`}>Job {job.id}</Link>,
  },
  { title: 'State', orderBy: 'state', value: (job) => job.status, cell: (job) => <State name={job.status} /> },
  {
    title: 'Cohort',
    orderBy: 'cohort',
    value: (job) => job.cohortName,
    cell: (job) => <Link href={`/cohorts/${job.cohortId}`}>{job.cohortName}</Link>,
  },
  { title: 'Preset', orderBy: 'preset', value: (job) => job.preset, cell: (job) => job.preset },
  { title: 'Crops at', orderBy: 'mpp', value: (job) => job.mpp, cell: (job) => scaleLabel(job.mpp) },
  { title: 'Seed', number: true, orderBy: 'seed', value: (job) => job.seed, cell: (job) => job.seed },
  { title: 'Started', orderBy: 'started', value: (job) => job.createdAt, cell: (job) => <Moment at={job.createdAt} /> },
  {
    title: 'Took',
    number: true,
    orderBy: 'took',
    value: secondsOf,
    cell: (job) => {
      const seconds = secondsOf(job);
      return seconds === null ? '–' : durationLabel(seconds);
    },
  },
];

function secondsOf({ createdAt, endedAt }: JobMessage): number | null {
  return endedAt ? (Date.parse(endedAt) - Date.parse(createdAt)) / 1000 : null;
}

/** `address` keeps its words in the address apart from those of the page's other lists. */
export function JobTable({ jobs, address }: { jobs: JobMessage[]; address?: string }) {
  const more = address === undefined ? {} : { address };
  return <OrderedTable label="Jobs" columns={columns} rows={jobs} rowKey={(job) => job.id} {...more} />;
}
