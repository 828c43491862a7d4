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
  // Only where all five px are tissue: its rim is structure of another kind.
  const inner = new Uint8Array(tissue.length);
  for (let y = 1; y < height - 1; y += 1) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i += 1) {
      const five = (tissue[i] ?? 0) + (tissue[i - 1] ?? 0) + (tissue[i + 1] ?? 0);
      if (five + (tissue[i - width] ?? 0) + (tissue[i + width] ?? 0) < 5) continue;
      const around = (mean[i - 1] ?? 0) + (mean[i + 1] ?? 0) + (mean[i - width] ?? 0) + (mean[i + width] ?? 0);
      const laplacian = Math.min(maxLaplacian, Math.abs(4 * (mean[i] ?? 0) - around));
      squares[i] = laplacian * laplacian;
      inner[i] = 1;
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
