import { figure } from '../parts/number-label.ts';
import classes from './panel.module.css';
import { chooseForWalk, type WalkCrop, type WalkPair } from './walk-pair.ts';

export interface RankedCrop extends WalkCrop {
  rank: number;
  attention: number;
}

interface Props {
  crop: RankedCrop;
  of: number;
  pair: WalkPair;
  testId: string;
  onPoint: (crop: RankedCrop | null) => void;
  onGo: (crop: RankedCrop) => void;
}

/** One crop with its rank and attention; pointing outlines it on the slide, a click goes there. */
export function CropTile({ crop, of, pair, testId, onPoint, onGo }: Props) {
  return (
    <li className={classes.crop} data-testid={testId} data-crop-id={crop.cropId}>
      <button
        type="button"
        className={classes.go}
        onClick={() => onGo(crop)}
        onMouseEnter={() => onPoint(crop)}
        onMouseLeave={() => onPoint(null)}
        onFocus={() => onPoint(crop)}
        onBlur={() => onPoint(null)}
        aria-label={`Go to the crop of rank ${crop.rank} of ${of}`}
      >
        {/* biome-ignore lint/performance/noImgElement: 256 px as stored */}
        <img src={`/api/crops/${crop.cropId}/image`} alt="" loading="lazy" />
        <span className={classes.rank}>{crop.rank}</span>
      </button>
      <span className={classes.attention}>{figure(crop.attention)}</span>
      <span className={classes.walkButtons}>
        {(['primary', 'secondary'] as const).map((end) => (
          <button
            key={end}
            type="button"
            className="link"
            aria-pressed={pair[end]?.cropId === crop.cropId}
            onClick={() => chooseForWalk(end, asWalkCrop(crop))}
            data-testid={`walk-as-${end}`}
          >
            walk: {end}
          </button>
        ))}
      </span>
    </li>
  );
}

const asWalkCrop = ({ cropId, slideId, slideName, x0, y0, size0X, size0Y }: RankedCrop): WalkCrop => ({
  cropId,
  slideId,
  slideName,
  x0,
  y0,
  size0X,
  size0Y,
});
