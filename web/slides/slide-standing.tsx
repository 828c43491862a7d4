import type { SlideMessage } from '@stroma/core/http/slide';
import { encoderWord } from '../jobs/stage-word.ts';
import { Link } from '../parts/link.tsx';
import { State } from '../parts/state.tsx';

/** `Gleason 4, site Aarhus in Cohort A`: what the newest cohort that holds the slide says. */
export function SlideLabel({ membership }: Pick<SlideMessage, 'membership'>) {
  if (!membership) return <span className="soft">in no cohort</span>;
  const { cohortId, cohortName, label, site } = membership;
  return (
    <span data-testid="slide-label">
      {label === null ? <span className="soft">none</span> : <strong>{label}</strong>}
      {site !== null && `, site ${site}`} <span className="soft">in </span>
      <Link href={`/cohorts/${cohortId}`} className="soft">
        {cohortName}
      </Link>
    </span>
  );
}

/** The newest grade, where no line of a grading on arrival shows it: of whom, and whether it abstains. */
export function JobGrade({ slide: { id, grade, gradings } }: { slide: SlideMessage }) {
  if (!grade || gradings.some((one) => one.grade?.predictionId === grade.predictionId)) return null;
  const { by, jobId, cohortName, encoder, heldOut, abstains, stale } = grade;
  const title = `${cohortName}, ${encoderWord[encoder]}; ${
    heldOut ? 'no asked model was trained on this slide' : 'the asked models were trained on this slide, too'
  }`;
  return (
    <div data-testid="job-grade" data-by={by} title={title}>
      <span className="soft">Grade </span>
      {abstains && (
        <>
          <State name="attention" text="abstains" />: nearest{' '}
        </>
      )}
      <Link href={`/slides/${id}?tab=grade`}>{grade.grade}</Link> {grade.probability.toFixed(2)}
      {by === 'job' ? ' by ' : ' on arrival, of '}
      <Link href={`/jobs/${jobId}`} className="soft">
        job {jobId}
      </Link>
      {!heldOut && <span className="soft">, trained on it</span>}
      {stale && (
        <div>
          <State name="attention" text="stale: the scale was changed since" />
        </div>
      )}
    </div>
  );
}

/** A slide that nothing graded and nothing is about to. */
export const isUngraded = ({ grade, gradings }: SlideMessage) => grade === null && gradings.length === 0;
