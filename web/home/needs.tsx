import type { Overview } from '@stroma/core/http/overview';
import { stageWord } from '../jobs/stage-word.ts';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';
import classes from './home.module.css';

/** What goes on only when somebody decides, each with the place to decide it. */
export function Needs({ overview: { slides, needs } }: { overview: Overview }) {
  const nothing = slides.scaleOpen + needs.failedReadings + needs.failedJobs.length + needs.leaks.length === 0;
  if (nothing) return <p className="soft">Nothing waits for a person.</p>;
  return (
    <ul className={classes.needs} data-testid="needs">
      {slides.scaleOpen > 0 && (
        <li>
          <State name="attention" text="needs mpp" />
          <span>
            <Link href="/slides?only=scale%3Dopen">{counted(slides.scaleOpen, 'slide')}</Link> without a settled scale:
            no crops can be cut from them.
          </span>
        </li>
      )}
      {needs.failedReadings > 0 && (
        <li>
          <State name="failed" text="not read" />
          <span>
            <Link href="/slides">{counted(needs.failedReadings, 'upload')}</Link> could not be read; the bytes are kept,
            and each can be read once more.
          </span>
        </li>
      )}
      {needs.failedJobs.map(({ id, cohortName, stage, alarm, problem }) => (
        <li key={`job-${id}`}>
          <State name="failed" text={alarm ? 'alarm' : 'failed'} />
          <span>
            <Link href={`/jobs/${id}`}>Job {id}</Link> on {cohortName}, {stageWord[stage]}:{' '}
            {problem?.message ?? 'it ended without a reason.'}{' '}
            {problem?.remedy && <span className="soft">{problem.remedy}</span>}
          </span>
        </li>
      ))}
      {needs.leaks.map(({ id, name, pairs }) => (
        <li key={`cohort-${id}`}>
          <State name="attention" text="leak" />
          <span>
            <Link href={`/cohorts/${id}`}>{name}</Link>: {counted(pairs, 'pair')} of slides may be one slide in two
            files, in different folds; its grades are too good by that.
          </span>
        </li>
      ))}
    </ul>
  );
}
