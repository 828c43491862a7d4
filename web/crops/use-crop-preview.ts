import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { CropPreview, TissueMessage } from '@stroma/core/http/tissue';
import { useJson } from '../data/use-json.ts';
import { type CropDraft, cropsOf } from './crop-fields.tsx';
import { useMaskPicture } from './mask-picture.ts';

/** Mask and planned crops of one slide; nothing is asked of the server until `wanted`. */
export function useCropPreview(slideId: string, draft: CropDraft, selection: CropSelection, wanted: boolean) {
  const still = { revalidateOnFocus: false, revalidateIfStale: false, keepPreviousData: false } as const;
  const mask = useJson<TissueMessage>(wanted ? `/api/slides/${slideId}/tissue` : null, still);
  const picture = useMaskPicture(mask.data);
  const crops = cropsOf(draft);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({
    ...crops,
    minTissueFraction: selection.minTissueFraction,
    maxFold: selection.maxFold,
  })) {
    if (value !== undefined) query.set(name, String(value));
  }
  const grid = useJson<CropPreview>(wanted && crops ? `/api/slides/${slideId}/crop-preview?${query}` : null, still);
  return {
    mask,
    grid,
    maskPicture: mask.data && picture ? { place: mask.data, picture } : null,
  };
}
