import { figure } from '../parts/number-label.ts';
import { evidenceWords } from './evidence-crops.ts';
import classes from './panel.module.css';
import type { RankedCrop } from './ranked-crops.ts';
import { WalkButtons } from './walk-buttons.tsx';

interface Props {
  crop: RankedCrop;
  /** In its list, from 1. */
  place: number;
  /** Reads out the place. */
  words: string;
  /** For the class whose evidence the heat map shows; null: it shows attention. */
  evidence: number | null;
  testId: string;
  onPoint: (crop: RankedCrop | null) => void;
  onGo: (crop: RankedCrop) => void;
  onSimilar: (crop: RankedCrop) => void;
}

/** One crop with its place, attention and evidence; pointing outlines it on the slide, a click goes there. */
export function CropTile({ crop, place, words, evidence, testId, onPoint, onGo, onSimilar }: Props) {
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
        aria-label={`Go to ${words}`}
      >
        {/* biome-ignore lint/performance/noImgElement: 256 px as stored */}
        <img src={`/api/crops/${crop.cropId}/image`} alt="" loading="lazy" />
        <span className={classes.rank}>{place}</span>
      </button>
      <span className={classes.attention}>{figure(crop.attention)}</span>
      {evidence !== null && <span data-testid="tile-evidence">{evidenceWords(evidence)}</span>}
      <span className={classes.walkButtons}>
        <WalkButtons crop={crop} />
        <button type="button" className="link" onClick={() => onSimilar(crop)} data-testid="find-similar">
          find similar
        </button>
      </span>
    </li>
  );
}
