import type { WalkDetail } from '@stroma/core/http/interpolation';
import { classShade } from '../cohorts/class-colour.ts';
import classes from './walk.module.css';
import { WalkChart } from './walk-chart.tsx';
import { flipOf, type GradedStep, mostProbable } from './walk-flip.ts';
import { dashes } from './walk-lines.ts';

interface Props {
  slide: WalkDetail['grades'][number];
  /** Read as the slide's grade is. */
  steps: readonly GradedStep[];
  /** False while a step may be missing. */
  whole: boolean;
  alpha: number;
  at: (alpha: number) => number;
}

/** The slide's grade along the walk, read at the temperature that its own grade is read at. */
export function WalkGrade({ slide, steps, whole, alpha, at }: Props) {
  const asItIs = slide.calibrated ?? slide.probabilities;
  const now = mostProbable(asItIs);
  const grade = slide.classes[now];
  // A step that is still missing may flip it earlier.
  const flip = whole ? flipOf(now, steps) : null;
  const flipped = flip && slide.classes[flip.grade];
  const two = (values: readonly number[]) => (values[now] ?? 0).toFixed(2);
  return (
    <>
      <WalkChart
        title={`The slide’s grade with the picture in the primary crop’s place, one of ${slide.cropCount}`}
        lines={slide.classes.map((name, index) => ({
          name,
          color: classShade(index),
          dash: dashes[index % dashes.length] ?? '',
          points: steps.map((step) => ({ alpha: step.alpha, value: step.probabilities[index] ?? 0 })),
          real: asItIs[index],
        }))}
        range={[0, 1]}
        alpha={alpha}
        at={at}
        flip={flip && { alpha: flip.alpha, text: `${flipped} from ${flip.alpha.toFixed(2)} on` }}
      />
      <p
        className={classes.note}
        data-testid="walk-flip"
        data-flip={flip ? flip.alpha.toFixed(2) : whole ? 'none' : undefined}
      >
        {flip
          ? flip.before === null
            ? `Even the E-LDM’s own picture of the primary crop makes the grade ${flipped}: this flip says nothing of the tissue between.`
            : `The grade flips from ${grade} to ${flipped} between alpha_primary ${flip.before.toFixed(2)} and ${flip.alpha.toFixed(2)}.`
          : whole
            ? `The grade does not flip on this walk: ${grade} stays the most probable at all ${steps.length} steps.`
            : 'Drawing the walk …'}
        <span className="soft">
          {slide.calibrated
            ? ` Calibrated as the slide’s grade is. Rings: the slide as it is, ${grade} ${two(slide.calibrated)} (${two(slide.probabilities)} before calibration).`
            : ' Rings: the slide as it is. Not calibrated: trained before probabilities were.'}
        </span>
      </p>
    </>
  );
}
