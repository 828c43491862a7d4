import { codedSlideName } from '@stroma/core/coded-name';
import { type PlannedCrop, planCrops, planScale } from '@stroma/wsi/crop-plan';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { findTissue } from '@stroma/wsi/tissue-mask';
import { cropBlocks } from '../crop-blocks.ts';
import { numberTable } from '../number-table.ts';
import { tilesAreCrops } from '../stored-tiles.ts';
import { cpuSince } from './cpu-since.ts';
import type { PlannedSlide, SlideToCut } from './messages.ts';

const keys = ['x0', 'y0', 'tissueFraction', 'fold', 'left', 'top'] as const satisfies (keyof PlannedCrop)[];

/** Finds the tissue and lays the crops out, or refuses with a Problem that says why not. */
export async function planSlide(slide: SlideFile, file: string, set: SlideToCut): Promise<PlannedSlide> {
  const cpu = process.cpuUsage();
  const { recipe, spacing0, name } = set;
  const scale = planScale(slide.structure, spacing0, recipe, name);
  const tissue = await findTissue(slide, spacing0?.x ?? null);
  const plan = planCrops(slide.structure, scale, recipe, tissue.sharesOf);
  const { tileWidth, tileHeight, width, downsampleX, downsampleY } = slide.level(plan.level);
  const strides = recipe.stridePx / recipe.sizePx;
  const strideX = (plan.size0.x * strides) / downsampleX;
  const strideY = (plan.size0.y * strides) / downsampleY;
  const blocks = cropBlocks(plan, { tileWidth, tileHeight, sizePx: recipe.sizePx, strideX, strideY });
  return {
    job: {
      file,
      level: plan.level,
      readWidth: plan.readWidth,
      readHeight: plan.readHeight,
      sizePx: recipe.sizePx,
      copyTiles: tilesAreCrops(slide, plan, recipe),
      context: {
        slide_id: set.slideId,
        slide_name: codedSlideName(set.slideId),
        size0_x: plan.size0.x,
        size0_y: plan.size0.y,
        mpp: recipe.mpp,
      },
    },
    effective: plan.effective,
    tissueFraction: tissue.fraction,
    unreadableTiles: tissue.unreadableTiles,
    cpuSeconds: cpuSince(cpu),
    crops: numberTable(keys, blocks.flat()),
    blockSizes: blocks.map((block) => block.length),
    tiles: { across: Math.ceil(width / tileWidth), width0: tileWidth * downsampleX, height0: tileHeight * downsampleY },
  };
}
