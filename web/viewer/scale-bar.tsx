import type { PixelSpacing } from '@stroma/core/units';
import {
  barLength,
  isExactly,
  lengthWord,
  magnificationAt,
  magnifications,
  magnificationWord,
  spacingAcross,
  zoomOf,
} from './magnification.ts';
import type { Place } from './place.ts';
import classes from './viewer.module.css';

const room = 140;

/** Length, magnification now, and the magnifications to go to. All of it from the slide's mpp; without one, in px. */
export function ScaleBar({
  spacing,
  place,
  onZoom,
}: {
  spacing: PixelSpacing | null;
  place: Place;
  onZoom: (zoom: number) => void;
}) {
  // The magnification is told along x; the bar is exact as it lies, also on a slide that is turned.
  const mpp = spacing?.x ?? null;
  const bar = barLength((spacing ? spacingAcross(spacing, place.rotation ?? 0) : 1) / place.zoom, room);
  const shown = mpp === null ? null : magnificationAt(mpp, place.zoom);
  return (
    <div className={classes.scale}>
      {mpp !== null && shown !== null && (
        <fieldset className={classes.magnifications}>
          <legend className="hidden">Magnification</legend>
          {magnifications.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={isExactly(shown, one)}
              onClick={() => onZoom(zoomOf(mpp, one))}
            >
              {one}x
            </button>
          ))}
        </fieldset>
      )}
      <div className={classes.ruler}>
        <span className={classes.bar} style={{ width: bar.px }} />
        <span data-testid="scale-length">{mpp === null ? `${bar.length} px of level 0` : lengthWord(bar.length)}</span>
        <span className={classes.shown} data-testid="magnification" data-magnification={shown?.toFixed(3)}>
          {shown === null ? 'mpp unknown' : magnificationWord(shown)}
        </span>
      </div>
    </div>
  );
}
