/**
 * Finds tissue and plans crops for the api in a process of its own: a mask takes a second of computing, and a crafted
 * file may crash the library that reads it. Started by tissue-process.ts.
 */
import { asProblem, StromaError } from '@stroma/core/errors';
import { type CropPlan, planCrops, planScale } from '@stroma/wsi/crop-plan';
import { dieWithParent } from '@stroma/wsi/isolated/die-with-parent';
import { openSlide } from '@stroma/wsi/open-slide';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { maskPng, readMask } from '@stroma/wsi/tissue/stored-mask';
import { findTissue, type TissueMask } from '@stroma/wsi/tissue-mask';
import type { FromTissueProcess, GridPreview, TissueAnswer, TissueRequest, ToTissueProcess } from './messages.ts';

/** More squares than this are no grid on a screen any more, but a colour. */
const mostDrawn = 100_000;

async function answer(request: TissueRequest): Promise<TissueAnswer> {
  const slide = await openSlide(request.path);
  try {
    const known = request.mask && (await readMask(request.mask.png, request.mask.place));
    const mask = known ?? (await findTissue(slide, request.spacing0?.x ?? null));
    return {
      mask: known ? undefined : { png: await maskPng(mask), place: placeOf(mask), shares: mask.shares },
      grid: request.crops && gridOf(slide, mask, request, request.crops),
    };
  } finally {
    await slide.close();
  }
}

function placeOf({ width, height, downsampleX, downsampleY, unreadableTiles }: TissueMask) {
  return { width, height, downsampleX, downsampleY, unreadableTiles };
}

function gridOf(
  slide: SlideFile,
  mask: TissueMask,
  { spacing0, name }: TissueRequest,
  { recipe, selection }: NonNullable<TissueRequest['crops']>,
): GridPreview {
  const scale = planScale(slide.structure, spacing0, recipe, name);
  const { crops, size0, effective }: CropPlan = planCrops(slide.structure, scale, recipe, mask.sharesOf);
  const { minTissueFraction = 0, maxFold = 1 } = selection;
  const kept = Uint8Array.from(crops, (crop) =>
    crop.tissueFraction >= minTissueFraction && crop.fold <= maxFold ? 1 : 0,
  );
  const strides = recipe.stridePx / recipe.sizePx;
  return {
    size0,
    stride0: { x: size0.x * strides, y: size0.y * strides },
    effective,
    cut: crops.length,
    kept: kept.reduce((sum, one) => sum + one, 0),
    crops:
      crops.length > mostDrawn
        ? null
        : { x0: Int32Array.from(crops, (crop) => crop.x0), y0: Int32Array.from(crops, (crop) => crop.y0), kept },
  };
}

const send = (message: FromTissueProcess) => process.send?.(message);

dieWithParent();
process.on('disconnect', () => process.exit(0));
process.on('message', async ({ id, request }: ToTissueProcess) => {
  try {
    send({ id, answer: await answer(request) });
  } catch (error) {
    send({ id, problem: asProblem(error), status: error instanceof StromaError ? error.status : 500 });
  }
});
