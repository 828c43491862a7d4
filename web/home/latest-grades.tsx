import type { JobDetail } from '@stroma/core/http/job';
import type { Overview } from '@stroma/core/http/overview';
import { useJson } from '../data/use-json.ts';
import { Comparison } from '../jobs/comparison.tsx';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import classes from './home.module.css';

/** Both encoders' grades of the newest job that has some, with their intervals. */
export function LatestGrades({ job: { id, cohortName } }: { job: NonNullable<Overview['gradedJob']> }) {
  const job = useJson<JobDetail>(`/api/jobs/${id}`);
  return (
    <div className={classes.grades}>
      <p>
        <Link href={`/jobs/${id}`}>Job {id}</Link> on {cohortName}
      </p>
      <Answer of={job} what="its grades">
        {({ runs }) => <Comparison runs={runs} />}
      </Answer>
    </div>
  );
}
