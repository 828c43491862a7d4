import type { PredictionMessage } from '@stroma/core/http/slide';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { State } from '../parts/state.tsx';
import { GradeOrigin } from './grade-origin.tsx';
import { GradeTrustView } from './grade-trust.tsx';
import classes from './panel.module.css';
import { type Encoder, gradeOf } from './slide-grades.ts';
import { spreadWords } from './spread-words.ts';
import type { Grades } from './use-grades.ts';
import { WalkTowards } from './walk-towards.tsx';

const encoders = ['dino', 'gen_dino'] as const;

/** What both encoders say of the slide, side by side, and what is known to be true. */
export function GradeTab({ grades, onJob }: { grades: Grades; onJob: (job: number) => void }) {
  return (
    <Answer of={grades.answer} what="grades">
      {() => {
        if (grades.job === null) {
          return (
            <p className="soft">
              Not graded yet. A training job grades the slides of its cohort: each by models of folds that never saw it.
            </p>
          );
        }
        const truth = encoders.map((encoder) => grades.of[encoder]?.truth).find((one) => one);
        return (
          <>
            <div className={classes.source}>
              {grades.jobs.length > 1 ? (
                <Choice
                  label="Job"
                  hideLabel
                  value={String(grades.job)}
                  options={grades.jobs.map((job) => ({ value: String(job), label: `Job ${job}` }))}
                  onChange={(job) => job && onJob(Number(job))}
                  width={110}
                  testId="grades-job"
                />
              ) : (
                <span>Job {grades.job}</span>
              )}
              <span>
                {truth ? (
                  <>
                    Labelled <strong>{truth}</strong>
                  </>
                ) : (
                  <span className="soft">No label in the cohort</span>
                )}
              </span>
            </div>
            {grades.chosen !== null && grades.chosen !== grades.job && (
              <p className={classes.note}>Job {grades.chosen} has not graded this slide.</p>
            )}
            <div className={classes.sides}>
              {encoders.map((encoder) => (
                <Side key={encoder} encoder={encoder} prediction={grades.of[encoder]} />
              ))}
            </div>
            <p className={classes.note}>
              The heat map shows attention, how much each crop weighs in the grade; or evidence, for or against which
              class it speaks.
            </p>
          </>
        );
      }}
    </Answer>
  );
}

function Side({ encoder, prediction }: { encoder: Encoder; prediction: PredictionMessage | undefined }) {
  return (
    <section className={classes.side} data-testid={`grade-${encoder}`} aria-label={`Grade by ${encoderWord[encoder]}`}>
      <h3>{encoderWord[encoder]}</h3>
      {prediction ? (
        <>
          <Probabilities prediction={prediction} />
          <WalkTowards prediction={prediction} />
          <GradeOrigin prediction={prediction} />
        </>
      ) : (
        <p className="soft">Not graded with this encoder yet.</p>
      )}
    </section>
  );
}

function Probabilities({ prediction }: { prediction: PredictionMessage }) {
  const { spread, trust } = prediction;
  const { grade } = gradeOf(prediction);
  return (
    <>
      <ul className={classes.bars}>
        {prediction.classes.map((name, index) => {
          const probability = prediction.probabilities[index] ?? 0;
          return (
            <li key={name} data-grade={(name === grade && !trust?.abstains) || undefined}>
              <span className={classes.barName}>
                <span title={name}>{name}</span>
                <span>{probability.toFixed(2)}</span>
              </span>
              <span className={classes.bar}>
                <span style={{ width: `${probability * 100}%` }} />
                {spread && spread.models > 1 && <Range low={spread.low[index] ?? 0} high={spread.high[index] ?? 0} />}
              </span>
              {name === prediction.truth && <span className="soft">◆ the label</span>}
            </li>
          );
        })}
      </ul>
      <GradeTrustView prediction={prediction} />
      <p className={classes.note} data-testid="grade-spread">
        {spreadWords(prediction)}
      </p>
      <p className={classes.note}>{basis(prediction)}</p>
      {prediction.stale && (
        <State name="attention" text="stale: made of crops at another scale than the slide has now" />
      )}
    </>
  );
}

/** From the lowest to the highest probability that one of the models gives. */
function Range({ low, high }: { low: number; high: number }) {
  return (
    <span
      className={classes.range}
      style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }}
      title={`${low.toFixed(2)}–${high.toFixed(2)}`}
    />
  );
}

function basis({ folds, heldOut, spread }: PredictionMessage): string {
  const own = spread && spread.models > 1 ? `Mean of fold ${folds[0]}’s models` : `Fold ${folds[0]}’s model`;
  const models = folds.length === 1 ? own : `Mean of the models of folds ${folds.join(', ')}`;
  return heldOut
    ? `${models}, not trained on this slide.`
    : `${models}; this slide was in training, so the grade is no evidence.`;
}
