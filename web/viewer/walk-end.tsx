import Link from 'next/link';
import classes from './walk.module.css';
import { chooseForWalk, type WalkCrop, type WalkPair } from './walk-pair.ts';

const meaning = { primary: 'alpha 1', secondary: 'alpha 0' };

/** A real crop at one end of the walk, with the way to its place. */
export function WalkEnd({ end, crop }: { end: keyof WalkPair; crop: WalkCrop | null }) {
  return (
    <div className={classes.end} data-testid={`walk-${end}`}>
      <div className={classes.endTitle}>
        <strong>{end === 'primary' ? 'Primary' : 'Secondary'}</strong>
        <span className="soft">{meaning[end]}</span>
      </div>
      {crop ? (
        <>
          {/* biome-ignore lint/performance/noImgElement: 256 px as stored */}
          <img src={`/api/crops/${crop.cropId}/image`} alt={`Crop of ${crop.slideName} at ${crop.x0}, ${crop.y0}`} />
          <Link href={addressOf(crop)} title="Show its place on the slide">
            {crop.slideName}
          </Link>
          <div className={classes.endTitle}>
            <span className="soft">real crop</span>
            <button type="button" className="link" onClick={() => chooseForWalk(end, null)}>
              clear
            </button>
          </div>
        </>
      ) : (
        <div className={classes.nobody}>Choose a crop under Crops, on this slide or another.</div>
      )}
    </div>
  );
}

const addressOf = ({ slideId, x0, y0, size0X, size0Y }: WalkCrop) =>
  `/slides/${slideId}?x=${Math.round(x0 + size0X / 2)}&y=${Math.round(y0 + size0Y / 2)}&z=${(256 / size0X).toPrecision(4)}`;
