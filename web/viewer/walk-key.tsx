import type { CropDetail } from '@stroma/core/http/crop';
import { chooseForWalk, useWalkPair } from './walk-pair.ts';

/**
 * w: the chosen crop becomes the end that the walk still lacks, the secondary first; with both there, it begins a new
 * walk. Without a chosen crop, the walk is shown as it is.
 */
export function useWalkKey(crop: CropDetail | null, onWalk: () => void): () => void {
  const pair = useWalkPair();
  return () => {
    if (crop && pair.primary?.cropId !== crop.id && pair.secondary?.cropId !== crop.id) {
      if (pair.secondary && pair.primary) chooseForWalk('primary', null);
      chooseForWalk(pair.secondary && !pair.primary ? 'primary' : 'secondary', { ...crop, cropId: crop.id });
    }
    onWalk();
  };
}

/** Once both ends are chosen: the way to the walk between them. */
export function WalkOffer({ onWalk }: { onWalk: () => void }) {
  const { primary, secondary } = useWalkPair();
  if (!primary || !secondary) return null;
  return (
    <button type="button" className="link" onClick={onWalk} data-testid="walk-offer">
      Walk between the two chosen crops
    </button>
  );
}
