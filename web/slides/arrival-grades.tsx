import type { SlideGrading, SpreadGrade } from '@stroma/core/http/grading';
import { encoderWord } from '../jobs/stage-word.ts';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import { useRetry } from './use-retry.ts';

/** What active models made of the slide when it arrived, or how far they are. */
export function ArrivalGrades({ gradings }: { gradings: SlideGrading[] }) {
  return gradings.map((grading) => <ArrivalGrade key={grading.modelRunId} grading={grading} />);
}

function ArrivalGrade({ grading }: { grading: SlideGrading }) {
  const retry = useRetry();
  const { grade, status, error, retryRunId, modelRunId, cohortName, encoder } = grading;
  const model = (
    <Link href={`/models/${modelRunId}`} className="soft" title={`${cohortName}, ${encoderWord[encoder]}`}>
      model {modelRunId}
    </Link>
  );
  if (status === 'failed') {
    return (
      <div data-testid="arrival-grade" data-status={status}>
        Not graded by {model}
        {error && (
          <ProblemView
            compact
            problem={error}
            onRetry={retryRunId === null ? undefined : () => void retry.run(retryRunId)}
          />
        )}
        {retry.problem && <ProblemView compact problem={retry.problem} />}
      </div>
    );
  }
  if (!grade) {
    return (
      <div data-testid="arrival-grade" data-status={status}>
        <State name={status} text={status === 'running' ? 'being graded' : 'waits to be graded'} /> by {model}
      </div>
    );
  }
  return (
    <div data-testid="arrival-grade" data-status={status}>
      <Spread grade={grade} />, on arrival by {model}
      {grade.stale && <State name="attention" text="stale: the scale was changed since" />}
    </div>
  );
}

/** `Gleason 4 0.71 (0.55–0.83), 5 models`; an abstained grade says so first. */
function Spread({ grade }: { grade: SpreadGrade }) {
  const top = grade.probabilities.indexOf(Math.max(...grade.probabilities));
  const number = (value: number | undefined) => (value ?? 0).toFixed(2);
  const range = `${number(grade.low[top])}–${number(grade.high[top])}`;
  const title = 'In brackets the lowest and highest probability that one of the models gives';
  return (
    <span title={title}>
      {grade.abstains ? (
        <>
          <State name="attention" text="abstains" />: nearest <strong>{grade.classes[top]}</strong>
        </>
      ) : (
        <strong>{grade.classes[top]}</strong>
      )}{' '}
      {number(grade.probabilities[top])} ({range}), {counted(grade.models, 'model')}
      {grade.abstains === null && <span className="soft">, no abstain band</span>}
    </span>
  );
}
