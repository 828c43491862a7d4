import { SegmentedControl, Slider } from '@mantine/core';
import type { WalkDetail } from '@stroma/core/http/interpolation';
import { useCallback } from 'react';
import { classShade } from '../cohorts/class-colour.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { samplerWord } from './sampler-word.ts';
import type { Encoder } from './slide-grades.ts';
import { SyntheticPicture } from './synthetic-picture.tsx';
import { usePlay } from './use-play.ts';
import { useWalk } from './use-walk.ts';
import classes from './walk.module.css';
import type { WalkSettings } from './walk-address.ts';
import { WalkChart } from './walk-chart.tsx';
import { WalkEnd } from './walk-end.tsx';
import { WalkFiles } from './walk-files.tsx';
import { WalkGrade } from './walk-grade.tsx';
import { cosineRange, dashes, type Line } from './walk-lines.ts';
import { WalkNoises } from './walk-noises.tsx';
import { WalkStrip } from './walk-strip.tsx';

/** From the primary crop (alpha 1, left) to the secondary one (alpha 0, right), drawn by the E-LDM of a job. */
export function WalkView({
  detail,
  wide,
  settings: { alpha, replica, sampler, encoder: wanted },
  change,
  gradedBy = null,
}: {
  detail: WalkDetail;
  wide: boolean;
  settings: WalkSettings;
  change: (next: Partial<WalkSettings>) => void;
  gradedBy?: Encoder | null;
}) {
  const setAlpha = useCallback((next: number) => change({ alpha: next }), [change]);
  const encoders = detail.grades.map((grade) => grade.encoder);
  const encoder = encoders.find((one) => one === (wanted ?? gradedBy)) ?? encoders[0];
  const count = wide ? 10 : 5;
  const strip = Array.from({ length: count + 1 }, (_, i) => 1 - i / count).map((step) => Math.round(step * 20) / 20);
  const at = (value: number) => (0.5 + (1 - value) * count) / (count + 1);

  const { jobId, primary, secondary, steps } = detail;
  const question = { jobId, primaryCropId: primary.cropId, secondaryCropId: secondary.cropId, replica, sampler, steps };
  const walk = useWalk(question, alpha, strip);
  const play = usePlay(alpha, setAlpha, (next) => walk.step(next) !== undefined || walk.drawing === null);
  const shown = walk.step(alpha);

  const answers = Array.from({ length: 21 }, (_, i) => Math.round((1 - i / 20) * 20) / 20).flatMap((value) => {
    const step = walk.step(value);
    return step && step.kind !== 'coarse'
      ? [{ alpha: value, answer: step.answer, judged: step.kind === 'judged' }]
      : [];
  });
  const slide = detail.grades.find((grade) => grade.encoder === encoder);
  const graded = answers.flatMap(({ alpha: value, answer }) => {
    const grade = answer.grades.find((one) => one.encoder === encoder);
    return grade ? [{ alpha: value, probabilities: grade.calibrated ?? grade.probabilities }] : [];
  });
  // A crop that the job's selection leaves out is in no bag: what is drawn in its place has no grade.
  const takesPart = graded.length > 0 || !answers.some(({ judged }) => judged);
  const whole = strip.every((value) => graded.some((step) => step.alpha === value));
  const similarity = (
    name: string,
    index: number,
    of: (answer: (typeof answers)[number]['answer']) => number | null,
  ) => ({
    name,
    color: classShade(index),
    dash: dashes[index] ?? '',
    points: answers.map((one) => ({ alpha: one.alpha, value: of(one.answer) ?? 0 })),
  });
  const similarities: Line[] = [
    similarity('to the primary', 0, (answer) => answer.similarityPrimary),
    similarity('to the secondary', 1, (answer) => answer.similaritySecondary),
  ];
  const among = answers.find(({ answer }) => answer.nearest)?.answer.nearest?.among;
  return (
    <div className={classes.walk} data-wide={wide || undefined} data-testid="walk">
      <div className={classes.top}>
        <WalkEnd end="primary" crop={primary} />
        <div className={classes.middle}>
          <div
            data-testid="walk-picture"
            data-alpha={shown ? alpha.toFixed(2) : undefined}
            data-kind={shown?.kind}
            className={classes.large}
          >
            <SyntheticPicture png={shown?.answer.png} alpha={alpha}>
              {!shown && (
                <span className={classes.pending}>
                  {walk.drawing === null ? 'not drawn' : `drawing alpha_primary ${walk.drawing.toFixed(2)}`}
                </span>
              )}
            </SyntheticPicture>
          </div>
          <p className={classes.caption} aria-live="polite">
            Synthetic, alpha_primary {alpha.toFixed(2)}, noise {replica}
            {shown && (
              <>
                , similarity {shown.answer.similarityPrimary?.toFixed(2)} to the primary,{' '}
                {shown.answer.similaritySecondary?.toFixed(2)} to the secondary
                <span className="soft">
                  {shown.kind === 'coarse' ? '. Coarse, ' : '. '}
                  {samplerWord[shown.answer.sampler] ?? shown.answer.sampler}, {shown.answer.steps} steps,{' '}
                  {shown.answer.seconds.toFixed(2)} s.
                </span>
              </>
            )}
          </p>
        </div>
        <WalkEnd end="secondary" crop={secondary} />
      </div>
      {walk.problem && <ProblemView compact problem={walk.problem} onRetry={walk.again} />}
      <Slider
        data-testid="walk-slider"
        thumbLabel="from the primary crop to the secondary one"
        min={0}
        max={1}
        step={0.05}
        value={1 - alpha}
        onChange={(value) => setAlpha(Math.round((1 - value) * 20) / 20)}
        label={(value) => (1 - value).toFixed(2)}
        style={{ marginInline: `${50 / (count + 1)}%` }}
        marks={[{ value: 0 }, { value: 1 }]}
        mb={8}
        size="sm"
      />
      <WalkStrip walk={walk} alphas={strip} alpha={alpha} onAlpha={setAlpha} />
      {among !== undefined && (
        <p className={classes.note}>
          alpha_primary of each picture; under it the nearest of {among} real crops of the cohort, and its similarity.
        </p>
      )}
      <WalkChart
        title="Similarity (cosine)"
        lines={similarities}
        range={cosineRange(similarities)}
        alpha={alpha}
        at={at}
      />
      {slide && takesPart ? (
        <WalkGrade slide={slide} steps={graded} whole={whole} alpha={alpha} at={at} />
      ) : (
        <p className={classes.note}>This job has no grade of the primary’s slide in which the crop takes part.</p>
      )}
      <div className={classes.acts}>
        <button type="button" className="link" onClick={play.toggle} data-testid="walk-play">
          {play.playing ? 'Pause' : 'Play'} (Space)
        </button>
        {encoders.length > 1 && (
          <SegmentedControl
            aria-label="Graded by"
            size="xs"
            value={encoder ?? ''}
            onChange={(value) => change({ encoder: value as Encoder })}
            data={encoders.map((value) => ({ value, label: encoderWord[value] }))}
          />
        )}
        <SegmentedControl
          aria-label="Sampler"
          size="xs"
          value={sampler}
          onChange={(value) => change({ sampler: value as WalkSettings['sampler'] })}
          data={Object.entries(samplerWord).map(([value, label]) => ({ value, label }))}
        />
        <WalkFiles question={question} alpha={alpha} />
      </div>
      <WalkNoises question={question} alpha={alpha} onReplica={(next) => change({ replica: next })} />
    </div>
  );
}
