import type { Overview } from '@stroma/core/http/overview';
import { leftOf, progressLine } from '../jobs/run-time.ts';
import { encoderWord, stageWord } from '../jobs/stage-word.ts';
import { Link } from '../parts/link.tsx';
import { Meter } from '../parts/meter.tsx';
import { Moment } from '../parts/moment.tsx';
import { State } from '../parts/state.tsx';
import classes from './home.module.css';

/** Long work: how far it is, what runs now, and how long that takes still. */
export function OpenJobs({ jobs }: { jobs: Overview['jobs'] }) {
  if (jobs.length === 0) {
    return (
      <p className="soft">
        None. A training job is started from a <Link href="/cohorts">cohort</Link>; ended ones are among the{' '}
        <Link href="/jobs">jobs</Link>.
      </p>
    );
  }
  return (
    <ul className={classes.jobs} data-testid="open-jobs">
      {jobs.map(({ id, cohortName, preset, status, createdAt, done, total, running }) => (
        <li key={id}>
          <div className={classes.jobHead}>
            <State name={status} />
            <Link href={`/jobs/${id}`}>Job {id}</Link>
            <span>
              {cohortName}, {preset}
            </span>
            <span className="soft">
              started <Moment at={createdAt} />
            </span>
          </div>
          <Meter share={total > 0 ? done / total : 0} label={`Job ${id}: ${done} of ${total} steps done`} />
          <div className="soft">
            {done} of {total} steps done
          </div>
          {running.map(({ stage, encoder, progress, startedAt }) => (
            <div key={`${stage}-${encoder}-${startedAt}`}>
              {stageWord[stage]}
              {encoder && ` of ${encoderWord[encoder]}`}
              <span className="soft">
                {' '}
                {[progressLine({ progress }), leftOf({ status: 'running', progress })].filter(Boolean).join(', ') ||
                  'starting'}
              </span>
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
