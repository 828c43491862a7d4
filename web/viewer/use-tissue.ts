import { defaultSelection } from '@stroma/core/crop-numbers';
import type { SlideDetail } from '@stroma/core/http/slide';
import { useMemo, useState } from 'react';
import { type CropDraft, firstDraft } from '../crops/crop-fields.tsx';
import type { TissuePicture } from '../crops/draw-tissue.ts';
import { useCropPreview } from '../crops/use-crop-preview.ts';

export interface TissueSettings {
  mask: boolean;
  grid: boolean;
  opacity: number;
}

/** What the viewer shows of a slide's tissue and of the crops that would be cut from it. */
export function useTissue(slide: SlideDetail, tabIsOpen: boolean, address: { get(name: string): string | null }) {
  const [settings, setSettings] = useState<TissueSettings>({
    mask: address.get('mask') === 'yes',
    grid: address.get('grid') === 'yes',
    opacity: 0.45,
  });
  const [draft, setDraft] = useState<CropDraft>(() => {
    const [cut] = slide.cropSets;
    if (cut) return { mpp: cut.mpp, sizePx: cut.sizePx, overlapPx: cut.sizePx - cut.stridePx };
    return { ...firstDraft, mpp: Math.max(firstDraft.mpp ?? 0, Number((slide.mpp?.x ?? 0).toFixed(3))) };
  });
  const wanted = tabIsOpen || settings.mask || settings.grid;
  const { mask, grid, maskPicture } = useCropPreview(slide.id, draft, defaultSelection, wanted);
  const shownMask = settings.mask ? maskPicture?.picture : undefined;
  const picture = useMemo<TissuePicture>(
    () => ({
      mask: shownMask && mask.data ? { place: mask.data, picture: shownMask } : null,
      grid: settings.grid ? (grid.data ?? null) : null,
      opacity: settings.opacity,
    }),
    [shownMask, mask.data, settings.grid, settings.opacity, grid.data],
  );
  return {
    settings,
    draft,
    mask,
    grid,
    picture,
    setDraft,
    change: (values: Partial<TissueSettings>) => setSettings((before) => ({ ...before, ...values })),
  };
}

export type Tissue = ReturnType<typeof useTissue>;
