import { eachSquare, summedAreas } from './areas.ts';

/** Optical densities of each px times 1,000, where the picture is tissue; of no meaning elsewhere. */
export interface StainDensities {
  mean: Uint16Array;
  red: Uint16Array;
  green: Uint16Array;
}

/** Eosin's share of the green density: what haematoxylin (0.65, 0.70; Ruifrok and Johnston 2001) does not explain. */
const haematoxylinGreenToRed = 1.08;
/** A fold is two or more layers: twice the density, of both stains. Nuclei alone have no more eosin than their surroundings. */
const minDensityRatio = 1.7;
const minHaematoxylinRatio = 1.4;
const minEosinRatio = 1.3;
/** Below it a section is so pale that two layers look like one elsewhere. */
const minFoldDensity = 300;

/**
 * Tissue that lies double, measured against this slide's own median tissue (as Kothari et al. 2013 adapt their
 * thresholds to the slide): averaged over squares of side 2·radius + 1, so that single nuclei do not count.
 */
export function findFolds(
  tissue: Uint8Array,
  width: number,
  height: number,
  { mean, red, green }: StainDensities,
  radius: number,
): Uint8Array {
  const middle = medians(tissue, { mean, red, green });
  const within = (values: Uint16Array) => values.map((value, index) => (tissue[index] === 1 ? value : 0));
  const [counts, means, reds, greens] = [tissue, within(mean), within(red), within(green)].map((values) =>
    summedAreas(values, width, height),
  );
  const folds = new Uint8Array(tissue.length);
  if (!counts || !means || !reds || !greens) return folds;
  const leastMean = Math.max(minFoldDensity, minDensityRatio * middle.mean);
  const leastRed = minHaematoxylinRatio * middle.red;
  const leastEosin = minEosinRatio * Math.max(0, middle.green - haematoxylinGreenToRed * middle.red);
  eachSquare(width, height, radius, (index, left, top, right, bottom) => {
    if (tissue[index] !== 1) return;
    const count = counts.sum(left, top, right, bottom);
    if (means.sum(left, top, right, bottom) < leastMean * count) return;
    const squareRed = reds.sum(left, top, right, bottom) / count;
    const eosin = greens.sum(left, top, right, bottom) / count - haematoxylinGreenToRed * squareRed;
    if (squareRed >= leastRed && eosin >= leastEosin && eosin > 0) folds[index] = 1;
  });
  return folds;
}

function medians(tissue: Uint8Array, densities: StainDensities): { mean: number; red: number; green: number } {
  const of = (values: Uint16Array) => {
    const counts = new Uint32Array(2500);
    let total = 0;
    for (let i = 0; i < tissue.length; i += 1) {
      if (tissue[i] !== 1) continue;
      const value = values[i] ?? 0;
      counts[value] = (counts[value] ?? 0) + 1;
      total += 1;
    }
    let passed = 0;
    return counts.findIndex((count) => {
      passed += count;
      return passed > total / 2;
    });
  };
  return { mean: of(densities.mean), red: of(densities.red), green: of(densities.green) };
}
