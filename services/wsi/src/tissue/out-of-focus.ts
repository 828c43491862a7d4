import { eachSquare, summedAreas } from './areas.ts';

/** Density times 1,000 below which noise hides structure: fainter tissue is never called blurred. */
const minDensity = 120;
/** Root mean square of the Laplacian over the mean density. Sharp tissue lies above 0.2, glass-like mucus around 0.05. */
const minTexture = 0.06;
/** Keeps 31² squares of squares within 32 bits. */
const maxLaplacian = 2000;

/**
 * Tissue without structure at this scale: defocus of several µm, as HistoQC's and GrandQC's blur classes mean it. What a
 * crop of 0.5 µm/px loses to a slightly wrong focus is not seen here but in the crop's own sharpness.
 */
export function findOutOfFocus(
  tissue: Uint8Array,
  width: number,
  height: number,
  mean: Uint16Array,
  radius: number,
): Uint8Array {
  const squares = new Uint32Array(tissue.length);
  const at = (index: number) => mean[index] ?? 0;
  // Only where all five px are tissue: its rim is structure of another kind.
  const inner = new Uint8Array(tissue.length);
  const isTissue = (index: number) => tissue[index] === 1;
  for (let y = 1; y < height - 1; y += 1) {
    for (let index = y * width + 1; index < (y + 1) * width - 1; index += 1) {
      const around = [index - 1, index + 1, index - width, index + width];
      if (!isTissue(index) || !around.every(isTissue)) continue;
      const laplacian = 4 * at(index) - around.reduce((sum, one) => sum + at(one), 0);
      squares[index] = Math.min(maxLaplacian, Math.abs(laplacian)) ** 2;
      inner[index] = 1;
    }
  }
  const counts = summedAreas(inner, width, height);
  const energy = summedAreas(squares, width, height);
  const densities = summedAreas(
    mean.map((value, index) => (inner[index] === 1 ? value : 0)),
    width,
    height,
  );
  const out = new Uint8Array(tissue.length);
  eachSquare(width, height, radius, (index, left, top, right, bottom) => {
    if (tissue[index] !== 1) return;
    const count = counts.sum(left, top, right, bottom);
    // A few px say nothing about structure.
    if (4 * count < (right - left) * (bottom - top)) return;
    const density = densities.sum(left, top, right, bottom) / count;
    const texture = Math.sqrt(energy.sum(left, top, right, bottom) / count) / density;
    if (density >= minDensity && texture < minTexture) out[index] = 1;
  });
  return out;
}
