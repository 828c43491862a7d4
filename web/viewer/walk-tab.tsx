import { Button, Slider } from '@mantine/core';
import type { InterpolationAnswer } from '@stroma/core/http/interpolation';
import { useState } from 'react';
import { ProblemView } from '../parts/problem-view.tsx';
import { SyntheticPicture } from './synthetic-picture.tsx';
import { stripAlphas, useWalk } from './use-walk.ts';
import classes from './walk.module.css';
import { WalkEnd } from './walk-end.tsx';
import { useWalkPair } from './walk-pair.ts';

/** From the secondary crop (alpha 0) to the primary one (alpha 1), drawn by the E-LDM of a job. */
export function WalkTab({ jobId }: { jobId: number | null }) {
  const { primary, secondary } = useWalkPair();
  const [alpha, setAlpha] = useState(0.6);
  const [replica, setReplica] = useState(0);
  const question =
    jobId !== null && primary && secondary
      ? { jobId, primaryCropId: primary.cropId, secondaryCropId: secondary.cropId, replica }
      : null;
  const walk = useWalk(question, alpha);
  const shown = walk.picture(alpha);
  return (
    <div className={classes.walk}>
      <div className={classes.ends}>
        <WalkEnd end="secondary" crop={secondary} />
        <WalkEnd end="primary" crop={primary} />
      </div>
      {jobId === null && (
        <p className="soft">A walk is drawn by a job’s E-LDM: it needs a slide that a finished job has graded.</p>
      )}
      {question && (
        <>
          <div data-testid="walk-picture" data-alpha={shown ? alpha.toFixed(2) : undefined} className={classes.large}>
            <SyntheticPicture png={shown?.png} alpha={alpha}>
              {!shown && (
                <span className={classes.pending}>
                  {walk.drawing === null ? 'not drawn' : `drawing alpha_primary ${walk.drawing.toFixed(2)}`}
                </span>
              )}
            </SyntheticPicture>
          </div>
          <Caption answer={shown} alpha={alpha} replica={replica} job={question.jobId} />
          {walk.problem && <ProblemView compact problem={walk.problem} onRetry={walk.again} />}
          <Slider
            data-testid="walk-slider"
            thumbLabel="alpha_primary"
            min={0}
            max={1}
            step={0.05}
            value={alpha}
            onChange={(value) => setAlpha(Math.round(value * 20) / 20)}
            label={(value) => value.toFixed(2)}
            marks={[
              { value: 0, label: 'secondary' },
              { value: 1, label: 'primary' },
            ]}
            mb={22}
            mx={24}
            size="sm"
          />
          <div className={classes.strip}>
            {stripAlphas.map((step) => (
              <button
                key={step}
                type="button"
                aria-pressed={step === alpha}
                aria-label={`alpha_primary ${step}`}
                onClick={() => setAlpha(step)}
                data-testid="walk-step"
                data-alpha={walk.picture(step) ? step.toFixed(1) : undefined}
              >
                <SyntheticPicture png={walk.picture(step)?.png} alpha={step} />
                <span>{step.toFixed(1)}</span>
              </button>
            ))}
          </div>
          <div className={classes.noise}>
            <Button variant="default" onClick={() => setReplica(replica + 1)}>
              Same pair, other noise
            </Button>
            <span className="soft">noise {replica}</span>
            {replica > 0 && (
              <button type="button" className="link" onClick={() => setReplica(0)}>
                back to noise 0
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}

function Caption({
  answer,
  alpha,
  replica,
  job,
}: {
  answer: InterpolationAnswer | undefined;
  alpha: number;
  replica: number;
  job: number;
}) {
  const similarity = (name: string, value: number | null) => (value === null ? '' : `, ${name} ${value.toFixed(2)}`);
  return (
    <p className={classes.caption} aria-live="polite">
      Synthetic, alpha_primary {alpha.toFixed(2)}
      {answer && (
        <>
          {similarity('similarity to the primary', answer.similarityPrimary)}
          {similarity('to the secondary', answer.similaritySecondary)}
          <span className="soft">
            . {answer.steps} DDIM steps in {answer.seconds.toFixed(1)} s by job {job}.{' '}
          </span>
          <a
            href={`data:image/png;base64,${answer.png}`}
            download={`synthetic_interpolated_alpha-${alpha.toFixed(2)}_noise-${replica}.png`}
          >
            PNG
          </a>
        </>
      )}
    </p>
  );
}
