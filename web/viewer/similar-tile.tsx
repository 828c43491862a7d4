import type { SimilarCrop } from '@stroma/core/http/similar-crops';
import { Link } from '../parts/link.tsx';
import { cropAddress } from './crop-address.ts';
import type { Mark } from './mark-layer.tsx';
import panel from './panel.module.css';
import classes from './similar.module.css';
import { WalkButtons } from './walk-buttons.tsx';

interface Props {
  crop: SimilarCrop;
  /** Whose embeddings found it. */
  jobId: number;
  /** It lies on the slide on screen. */
  here: boolean;
  onPoint: (crop: Mark | null) => void;
  onGo: (crop: SimilarCrop) => void;
  onSimilar: (crop: SimilarCrop) => void;
}

/** One found crop with its similarity, slide and label; a click goes to its place, on whichever slide it is. */
export function SimilarTile({ crop, jobId, here, onPoint, onGo, onSimilar }: Props) {
  const label = [crop.label ?? 'no label', ...(crop.site === null ? [] : [crop.site])].join(', ');
  const name = `Go to the crop on ${crop.slideName}, ${label}, similarity ${crop.similarity.toFixed(3)}`;
  // biome-ignore lint/performance/noImgElement: 256 px as stored
  const picture = <img src={`/api/crops/${crop.cropId}/image`} alt="" loading="lazy" />;
  return (
    <li className={panel.crop} data-testid="similar-crop" data-crop-id={crop.cropId} data-slide-id={crop.slideId}>
      {here ? (
        <button
          type="button"
          className={panel.go}
          onClick={() => onGo(crop)}
          onMouseEnter={() => onPoint(crop)}
          onMouseLeave={() => onPoint(null)}
          onFocus={() => onPoint(crop)}
          onBlur={() => onPoint(null)}
          aria-label={name}
        >
          {picture}
        </button>
      ) : (
        <Link className={panel.go} href={`${cropAddress(crop)}&tab=crops&job=${jobId}`} aria-label={name}>
          {picture}
        </Link>
      )}
      <span className={panel.attention}>{crop.similarity.toFixed(3)}</span>
      <span className={classes.origin} title={crop.slideName}>
        {here ? 'this slide' : crop.slideName}
      </span>
      <span className="soft">{label}</span>
      <span className={panel.walkButtons}>
        <WalkButtons crop={crop} />
        <button type="button" className="link" onClick={() => onSimilar(crop)} data-testid="find-similar">
          find similar
        </button>
      </span>
    </li>
  );
}
