import { overview } from './overview.ts';
import type { SlideFile } from './slide-file.ts';
import { summedAreas } from './tissue/areas.ts';
import { type TissueClass, tissueClass, tissueClasses } from './tissue/classes.ts';
import { classify } from './tissue/classify.ts';

/** Longest side of the mask, px. */
const maxMaskSide = 2048;
/** µm per mask px where the slide's mpp is known and the slide is small: a cell is 2 to 4 px. */
const maskMpp = 4;

/** Shares of a crop. */
export interface TissueShares {
  /** Tissue in any state: folded and blurred tissue is tissue, ink over tissue is not. */
  tissueFraction: number;
  /** Folded tissue. */
  fold: number;
}

export interface MaskPicture {
  width: number;
  height: number;
  /** One of `tissueClass` a px. */
  classes: Uint8Array;
  /** Level-0 px per px of the mask. */
  downsampleX: number;
  downsampleY: number;
  unreadableTiles: number;
}

export interface TissueMask extends MaskPicture {
  /** Shares of the whole slide, by class; they sum to 1. */
  shares: Record<TissueClass, number>;
  /** Share of the whole slide that is tissue in any state. */
  fraction: number;
  /** Shares of a rectangle of the slide, in level-0 px. */
  sharesOf(x0: number, y0: number, width0: number, height0: number): TissueShares;
}

/** What lies where on the slide. mpp0: µm/px at level 0, null when unknown. */
export async function findTissue(slide: SlideFile, mpp0: number | null): Promise<TissueMask> {
  const { width: width0, height: height0 } = slide.level(0);
  const physical = mpp0 === null ? maxMaskSide : Math.ceil((Math.max(width0, height0) * mpp0) / maskMpp);
  const picture = await overview(slide, Math.max(64, Math.min(maxMaskSide, physical)));
  const pixelMicrons = mpp0 === null ? maskMpp : mpp0 * picture.downsampleX;
  const { data: _, ...place } = picture;
  return tissueMask({ ...place, classes: classify(picture, pixelMicrons) });
}

/** The mask with what is asked of it; `picture` may have been stored. */
export function tissueMask(picture: MaskPicture): TissueMask {
  const { width, height, classes, downsampleX, downsampleY } = picture;
  const of = (...kept: TissueClass[]) => {
    const numbers = kept.map((one) => tissueClass[one] as number);
    return summedAreas(
      classes.map((one) => (numbers.includes(one) ? 1 : 0)),
      width,
      height,
    );
  };
  const tissue = of('tissue', 'fold', 'blurred');
  const fold = of('fold');
  const counts = new Uint32Array(tissueClasses.length);
  for (const one of classes) counts[one] = (counts[one] ?? 0) + 1;
  const shareOf = (one: TissueClass) => (counts[tissueClass[one]] ?? 0) / classes.length;
  const shares = Object.fromEntries(tissueClasses.map((one) => [one, shareOf(one)])) as TissueMask['shares'];
  return {
    ...picture,
    shares,
    fraction: tissue.sum(0, 0, width, height) / classes.length,
    sharesOf(x0, y0, width0, height0) {
      const left = clamp(Math.round(x0 / downsampleX), width - 1);
      const top = clamp(Math.round(y0 / downsampleY), height - 1);
      const right = Math.max(left + 1, clamp(Math.round((x0 + width0) / downsampleX), width));
      const bottom = Math.max(top + 1, clamp(Math.round((y0 + height0) / downsampleY), height));
      const area = (right - left) * (bottom - top);
      return {
        tissueFraction: tissue.sum(left, top, right, bottom) / area,
        fold: fold.sum(left, top, right, bottom) / area,
      };
    },
  };
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
