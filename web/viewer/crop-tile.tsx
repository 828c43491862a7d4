import { figure } from '../parts/number-label.ts';
import classes from './panel.module.css';
import type { RankedCrop } from './ranked-crops.ts';
import { WalkButtons } from './walk-buttons.tsx';

interface Props {
  crop: RankedCrop;
  of: number;
  testId: string;
  onPoint: (crop: RankedCrop | null) => void;
  onGo: (crop: RankedCrop) => void;
  onSimilar: (crop: RankedCrop) => void;
}

/** One crop with its rank and attention; pointing outlines it on the slide, a click goes there. */
export function CropTile({ crop, of, testId, onPoint, onGo, onSimilar }: Props) {
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
        <WalkButtons crop={crop} />
        <button type="button" className="link" onClick={() => onSimilar(crop)} data-testid="find-similar">
          find similar
        </button>
      </span>
    </li>
  );
}
