import type { LabelReport } from '@stroma/core/http/cohort';
import type { ReactNode } from 'react';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';
import classes from './cohorts.module.css';

/** What would make a grade look better than it is. */
export function LeakChecks({
  report: { twins, spellings, overlaps },
}: {
  report: Pick<LabelReport, 'twins' | 'spellings' | 'overlaps'>;
}) {
  const leaks = twins.filter((pair) => pair.acrossFolds).length;
  const split = spellings.filter((one) => one.acrossFolds);
  return (
    <ul className={classes.leaks} aria-label="Leak checks" data-testid="leak-checks">
      <Check fine>
        No patient lies in two folds: the fold belongs to the patient, and the database allows no other.
      </Check>
      <Check fine={split.length === 0}>
        {split.length === 0
          ? 'No patient in different folds is written in two ways.'
          : `Perhaps one patient, in different folds: ${split.map((one) => one.patientIds.join(' and ')).join('; ')}.`}
      </Check>
      <Check fine={leaks === 0}>
        {leaks === 0
          ? 'No two slides in different folds look like one slide in two files.'
          : `${counted(leaks, 'pair')} of slides in different folds may be one slide in two files; they are listed below.`}
      </Check>
      {overlaps.length === 0 && (
        <Check fine>No slide, copy or patient is in another cohort: each may be an external test of the other.</Check>
      )}
      {overlaps.map((one) => (
        <Check key={one.cohortId} fine={false}>
          <Link href={`/cohorts/${one.cohortId}`}>{one.name}</Link> holds {sharedWords(one)}: neither is an external
          test of models that were trained on the other.
        </Check>
      ))}
    </ul>
  );
}

function Check({ fine, children }: { fine: boolean; children: ReactNode }) {
  return (
    <li>
      <State name={fine ? 'ready' : 'attention'} text={fine ? 'fine' : 'look'} />
      <span>{children}</span>
    </li>
  );
}

const sharedWords = ({ slides, twins, patients }: LabelReport['overlaps'][number]) =>
  [
    slides > 0 && `${counted(slides, 'of these slides', 'of these slides')}`,
    twins > 0 && counted(twins, 'possible copy', 'possible copies'),
    patients > 0 && `${counted(patients, 'patient')} of the same name`,
  ]
    .filter(Boolean)
    .join(', ');
