import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import { planCrops, planScale } from '@stroma/wsi/crop-plan';
import type { SlideStructure } from '@stroma/wsi/slide-structure';
import type { TissueShares } from '@stroma/wsi/tissue-mask';
import { describe, expect, it } from 'vitest';

function structure(width: number, height: number, downsamples = [1, 2, 4]): SlideStructure {
  const levels = downsamples.map((downsample, level) => ({
    level,
    ifd: level,
    width: Math.floor(width / downsample),
    height: Math.floor(height / downsample),
    tileWidth: 256,
    tileHeight: 256,
    compression: 'jpeg' as const,
    downsampleX: downsample,
    downsampleY: downsample,
  }));
  const nothing = { vendor: null, objective: null, mppDeclared: null, mppDerived: null };
  return { reader: 'tiff', format: 'generic-tiff', ...nothing, levels, quirks: [], associated: [] };
}

const everywhere = (): TissueShares => ({ tissueFraction: 1, fold: 0 });
const square = (mpp: number) => ({ x: mpp, y: mpp });

describe('a recipe on a slide', () => {
  it.each([
    ['the slide’s own scale', 0.5, 0.5, { level: 0, readWidth: 256, readHeight: 256, size0: square(256) }],
    ['half of it, from the second level as stored', 0.5, 1, { level: 1, readWidth: 256, size0: square(512) }],
    ['a scale between levels shrinks the finer one', 0.5, 0.75, { level: 0, readWidth: 384, size0: square(384) }],
    ['within 1 %: cut as stored, and said so', 0.499, 0.5, { level: 0, readWidth: 256, effective: square(0.499) }],
    ['enlarged by less than 10 %', 0.52, 0.5, { level: 0, readWidth: 246, size0: square(246) }],
  ])('%s', (_, mpp0, mpp, expected) => {
    expect(planScale(structure(5000, 4000), square(mpp0), cropRecipe(mpp), 'slide.svs')).toMatchObject(expected);
  });

  it('reads a rectangle where pixels are not square', () => {
    expect(planScale(structure(5000, 4000), { x: 0.5, y: 0.4 }, cropRecipe(0.5), 'slide.svs')).toEqual({
      level: 0,
      readWidth: 256,
      readHeight: 320,
      size0: { x: 256, y: 320 },
      effective: square(0.5),
    });
  });

  it('refuses a resolution that lies too far from every level', () => {
    const flat = structure(100_000, 100_000, [1]);
    expect(() => planScale(flat, square(0.25), cropRecipe(5), 'slide.svs')).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'crop_set.too_coarse' }) }),
    );
  });

  it('refuses crops so small that rounding would mislabel them', () => {
    const recipe = { ...cropRecipe(0.5), sizePx: 13 as 256, stridePx: 13 as 256 };
    expect(() => planScale(structure(5000, 4000), square(0.52), recipe, 'slide.svs')).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'crop_set.spacing' }) }),
    );
  });

  it('refuses to invent detail', () => {
    expect(() => planScale(structure(5000, 4000), square(0.96), cropRecipe(0.5), 'slide.svs')).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'crop_set.too_fine', where: 'slide.svs' }) }),
    );
  });

  it('refuses a slide whose resolution is not known', () => {
    expect(() => planScale(structure(5000, 4000), null, cropRecipe(0.5), 'slide.svs')).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'slide.mpp_unknown' }) }),
    );
  });
});

describe('the grid', () => {
  const plan = (
    width: number,
    height: number,
    mpp0: number,
    mpp: number,
    share: (x0: number) => TissueShares = everywhere,
  ) => {
    const slide = structure(width, height);
    const recipe = cropRecipe(mpp);
    return planCrops(slide, planScale(slide, square(mpp0), recipe, 'slide.svs'), recipe, share);
  };

  it('starts at (0, 0), goes row by row and holds whole crops only', () => {
    const { crops } = plan(1024, 600, 0.5, 0.5);
    expect(crops.map(({ x0, y0 }) => `${x0},${y0}`).join(' ')).toBe(
      '0,0 256,0 512,0 768,0 0,256 256,256 512,256 768,256',
    );
  });

  it('keeps level-0 px and level px apart', () => {
    const { crops, level } = plan(2048, 1024, 0.5, 1);
    expect(level).toBe(1);
    expect(crops[5]).toMatchObject({ x0: 512, y0: 512, left: 256, top: 256 });
  });

  it('never reads beyond the level', () => {
    for (const mpp of [0.48, 0.5, 0.503, 0.77, 1.3, 2.1]) {
      const { crops, level, readWidth: side } = plan(3001, 2003, 0.5, mpp);
      const [width, height] = [Math.floor(3001 / 2 ** level), Math.floor(2003 / 2 ** level)];
      for (const { left, top } of crops) {
        expect(left >= 0 && top >= 0 && left + side <= width && top + side <= height).toBe(true);
      }
    }
  });

  it.each([
    ['half of each crop', 512, 256, '0,0 256,0 512,0 0,256 256,256 512,256'],
    ['a size that is no power of two', 300, 300, '0,0 300,0 600,0 0,300 300,300 600,300'],
    ['small crops', 128, 384, '0,0 384,0 768,0 0,384 384,384 768,384'],
  ])('overlaps and sizes as the recipe says: %s', (_, sizePx, stridePx, places) => {
    const slide = structure(1024, 800);
    const recipe = cropRecipe(0.5, { sizePx, stridePx });
    const { crops } = planCrops(slide, planScale(slide, square(0.5), recipe, 'slide.svs'), recipe, everywhere);
    expect(crops.map(({ x0, y0 }) => `${x0},${y0}`).join(' ')).toBe(places);
  });

  it('refuses more places and more crops than can be kept, before it plans them', () => {
    const tooMany = expect.objectContaining({ problem: expect.objectContaining({ code: 'crop_set.too_many' }) });
    const slide = structure(100_000, 80_000);
    const plan1 = (stridePx: number, share: (x0: number) => TissueShares) => {
      const recipe = cropRecipe(0.5, { sizePx: 256, stridePx });
      return () => planCrops(slide, planScale(slide, square(0.5), recipe, 'slide.svs'), recipe, share);
    };
    let asked = 0;
    const counting = () => {
      asked += 1;
      return everywhere();
    };
    expect(plan1(1, counting)).toThrow(tooMany);
    expect(asked).toBe(0);
    expect(plan1(32, counting)).toThrow(tooMany);
    expect(asked).toBe(2_000_001);
  });

  it('leaves out crops with too little tissue', () => {
    const { minTissueFraction } = cropRecipe(0.5);
    const half = plan(1024, 1024, 0.5, 0.5, (x0) => {
      return { tissueFraction: x0 < 512 ? minTissueFraction : minTissueFraction - 0.01, fold: 0.25 };
    });
    expect(half.crops).toHaveLength(8);
    expect(half.crops[0]).toMatchObject({ tissueFraction: minTissueFraction, fold: 0.25 });
  });
});
