import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import { spacingDifference, spacingsAgree, spacingTolerance } from '@stroma/core/geometry/spacing';
import { planCrops, planScale } from '@stroma/wsi/crop-plan';
import type { SlideStructure } from '@stroma/wsi/slide-structure';
import { expect, it } from 'vitest';
import { Random } from '../../infra/demo/cohort-generator-random.ts';

const rounds = 3000;

/** A slide as scanners write them: levels that are halved or quartered with rounding, sometimes by odd factors. */
function anySlide(random: () => number): SlideStructure {
  const width = 500 + Math.floor(random() * 60_000);
  const height = 500 + Math.floor(random() * 60_000);
  const levels = [];
  for (let level = 0, factor = 1; level < 1 + random() * 6; level += 1, factor *= 1.7 + random() * 2.5) {
    const size = { width: Math.max(1, Math.floor(width / factor)), height: Math.max(1, Math.floor(height / factor)) };
    levels.push({
      level,
      ifd: level,
      ...size,
      tileWidth: 256,
      tileHeight: 256,
      compression: 'jpeg',
      downsampleX: width / size.width,
      downsampleY: height / size.height,
    });
  }
  const nothing = { vendor: null, objective: null, mppDeclared: null, mppDerived: null };
  return { reader: 'tiff', format: 'generic-tiff', ...nothing, levels, quirks: [], associated: [] };
}

const between = (random: () => number, least: number, most: number) => least * (most / least) ** random();

it(`whatever the slide, crops are within ${100 * spacingTolerance} % of their label or refused with a reason`, () => {
  const source = new Random(17);
  const random = () => source.next();
  let planned = 0;
  let anisotropic = 0;
  for (let round = 0; round < rounds; round += 1) {
    const slide = anySlide(random);
    const x = between(random, 0.08, 4);
    const spacing0 = { x, y: random() < 0.5 ? x : x * between(random, 0.7, 1.4) };
    const recipe = cropRecipe(between(random, 0.1, 20));
    try {
      const scale = planScale(slide, spacing0, recipe, 'slide');
      const level = slide.levels[scale.level];
      if (!level) throw new Error('no such level');
      planned += 1;
      if (spacing0.x !== spacing0.y) anisotropic += 1;
      // Said anew from what is read: µm of the rectangle over the crop's px.
      const effective = {
        x: (scale.readWidth * level.downsampleX * spacing0.x) / recipe.sizePx,
        y: (scale.readHeight * level.downsampleY * spacing0.y) / recipe.sizePx,
      };
      expect(spacingDifference(effective, { x: recipe.mpp, y: recipe.mpp })).toBeLessThanOrEqual(spacingTolerance);
      expect(spacingDifference(effective, scale.effective)).toBeLessThan(1e-9);
      // The same tissue along both axes, whatever the pixels' shape.
      expect(scale.size0.x * spacing0.x).toBeCloseTo(recipe.sizePx * scale.effective.x, 6);
      expect(scale.size0.y * spacing0.y).toBeCloseTo(recipe.sizePx * scale.effective.y, 6);
    } catch (error) {
      const { problem } = error as { problem?: { code: string } };
      if (!problem) throw error;
      expect(['crop_set.too_fine', 'crop_set.too_coarse']).toContain(problem.code);
    }
  }
  expect(planned).toBeGreaterThan(rounds / 4);
  expect(anisotropic).toBeGreaterThan(rounds / 10);
});

it('crops lie within half a level px of their level-0 place, also on levels that are no whole fraction', () => {
  const source = new Random(18);
  const random = () => source.next();
  for (let round = 0; round < 100; round += 1) {
    const slide = anySlide(random);
    const x = between(random, 0.2, 1);
    const spacing0 = { x, y: x * between(random, 0.9, 1.1) };
    const recipe = cropRecipe(between(random, 1.2, 8) * x);
    const { crops, ...scale } = planCrops(slide, planScale(slide, spacing0, recipe, 'slide'), recipe, () => ({
      tissueFraction: 1,
      fold: 0,
    }));
    const level = slide.levels[scale.level];
    if (!level) throw new Error('no such level');
    let worst = 0;
    for (const { x0, y0, left, top } of crops) {
      const atEdge = left === level.width - scale.readWidth || top === level.height - scale.readHeight;
      if (atEdge) continue;
      worst = Math.max(worst, Math.abs(left - x0 / level.downsampleX), Math.abs(top - y0 / level.downsampleY));
    }
    expect(worst).toBeLessThanOrEqual(0.5 + 1e-9);
  }
});

it('two statements agree up to 2 % on both axes, whichever is named first', () => {
  const source = new Random(19);
  const random = () => source.next();
  const at = (factorX: number, factorY: number) => {
    const a = { x: between(random, 0.05, 20), y: between(random, 0.05, 20) };
    const b = { x: a.x * factorX, y: a.y * factorY };
    expect(spacingsAgree(a, b)).toBe(spacingsAgree(b, a));
    return spacingsAgree(a, b);
  };
  for (let round = 0; round < rounds; round += 1) {
    const near = () => 1 + random() * 0.0199;
    const far = () => 1.0201 + random();
    expect(at(near(), near())).toBe(true);
    expect(at(1 / near(), 1 / near())).toBe(true);
    expect(at(far(), near())).toBe(false);
    expect(at(near(), 1 / far())).toBe(false);
  }
});
