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
