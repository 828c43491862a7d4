import type { Overview } from '@stroma/core/http/overview';
import { Link } from '../parts/link.tsx';
import { State } from '../parts/state.tsx';
import classes from './home.module.css';

/** The way from nothing to the first grade; what is done is marked, what comes next is a link. */
export function FirstSteps({ overview: { slides, cohorts, jobs, needs } }: { overview: Overview }) {
  const started = jobs.length > 0 || needs.failedJobs.length > 0;
  const steps = [
    { done: slides.total > 0, href: '/slides', act: 'Add slides', about: 'drop files, folders or zips on the page' },
    {
      done: slides.total > 0 && slides.scaleOpen === 0,
      href: '/slides?only=scale%3Dopen',
      act: 'Settle their scale',
      about: 'µm/px of every slide; most files state it',
    },
    {
      done: cohorts.total > 0,
      href: '/cohorts/new',
      act: 'Make a cohort',
      about: 'a CSV of slide, patient and grade; folds are by patient',
    },
    { done: started, href: '/cohorts', act: 'Start a training job', about: 'on the page of the cohort' },
    { done: false, href: '/jobs', act: 'Read the grades', about: 'when its ABMIL folds are done' },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <ol className={classes.steps} data-testid="first-steps">
      {steps.map(({ done, href, act, about }, index) => (
        <li key={act} aria-current={index === next ? 'step' : undefined}>
          <State name={done ? 'succeeded' : 'waiting'} text={done ? 'done' : index === next ? 'next' : 'later'} />
          <span>
            <Link href={href}>{act}</Link>: <span className="soft">{about}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
