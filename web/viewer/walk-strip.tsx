import { SyntheticPicture } from './synthetic-picture.tsx';
import type { Walk } from './use-walk.ts';
import classes from './walk.module.css';

/** The steps from the primary crop to the secondary one; under each the real crop that is most like it. */
export function WalkStrip({
  walk,
  alphas,
  alpha,
  onAlpha,
}: {
  walk: Walk;
  alphas: readonly number[];
  alpha: number;
  onAlpha: (alpha: number) => void;
}) {
  return (
    <div className={classes.strip} style={{ gridTemplateColumns: `repeat(${alphas.length}, 1fr)` }}>
      {alphas.map((step) => {
        const { kind, answer } = walk.step(step) ?? {};
        const nearest = answer?.nearest;
        return (
          <div key={step} className={classes.step}>
            <button
              type="button"
              aria-pressed={step === alpha}
              aria-label={`alpha_primary ${step}`}
              onClick={() => onAlpha(step)}
              data-testid="walk-step"
              data-alpha={answer ? step.toFixed(1) : undefined}
              data-kind={kind}
            >
              <SyntheticPicture png={answer?.png} alpha={step} />
              <span>{step.toFixed(1)}</span>
            </button>
            {nearest ? (
              <a
                href={`/slides/${nearest.slideId}?x=${Math.round(nearest.x0 + nearest.size0X / 2)}&y=${Math.round(nearest.y0 + nearest.size0Y / 2)}&z=${(256 / nearest.size0X).toPrecision(4)}`}
                title={`Nearest real crop: ${nearest.slideName}, similarity ${nearest.similarity.toFixed(2)}`}
                data-testid="walk-nearest"
              >
                {/* biome-ignore lint/performance/noImgElement: 256 px as stored */}
                <img src={`/api/crops/${nearest.cropId}/image`} alt={`Nearest real crop, of ${nearest.slideName}`} />
                <span>{nearest.similarity.toFixed(2)}</span>
              </a>
            ) : (
              <span className={classes.noCrop} />
            )}
          </div>
        );
      })}
    </div>
  );
}
