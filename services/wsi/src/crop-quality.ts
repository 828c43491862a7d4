import { density, isBlack, isInk } from './tissue/density.ts';

/** What a crop's pixels say about its use; kept with the crop, so that thresholds can change without cutting again. */
export interface CropQuality {
  /**
   * Standard deviation of the green channel's Laplacian over that of the channel itself: how much of the contrast is
   * fine detail. Falls with blur; stain and exposure, which scale both, hardly move it. 0 in an empty crop.
   */
  sharpness: number;
  /** Share of px that are blue, green, red or black ink. */
  pen: number;
  /** Mean HSV saturation, 0…1. */
  saturation: number;
  /** Mean optical density (log10) of the three channels. */
  darkness: number;
}

/**
 * Every eighth px of every fourth row: 2,000 of a crop of 256 px, at a few per cent of the time its JPEG takes. Begun
 * inside a JPEG's blocks of 8 px, so that no Laplacian crosses their edges, which would count as detail.
 */
const [stepX, stepY, first] = [8, 4, 3] as const;
/** Variance of the Laplacian that rounding and JPEG alone leave behind; what lies below is not detail. */
const noise = 6;
/** Grey levels added to the contrast, so that a nearly even crop is not called sharp. */
const contrastFloor = 4;

/** rgb: interleaved 8-bit, width × height, at least 5 × 5 px. */
export function cropQuality(rgb: Uint8Array, width: number, height: number): CropQuality {
  const line = width * 3;
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
  let greens = 0;
  let greenSquares = 0;
  let ink = 0;
  let saturation = 0;
  let darkness = 0;
  for (let y = first; y < height - 1; y += stepY) {
    for (let x = first; x < width - 1; x += stepX) {
      const at = y * line + x * 3;
      const r = rgb[at] ?? 0;
      const g = rgb[at + 1] ?? 0;
      const b = rgb[at + 2] ?? 0;
      const around = (rgb[at - 2] ?? 0) + (rgb[at + 4] ?? 0) + (rgb[at + 1 - line] ?? 0) + (rgb[at + 1 + line] ?? 0);
      const laplacian = 4 * g - around;
      sum += laplacian;
      sumOfSquares += laplacian * laplacian;
      greens += g;
      greenSquares += g * g;
      const most = Math.max(r, g, b);
      const least = Math.min(r, g, b);
      if (most > 0) saturation += (most - least) / most;
      const red = density[r] ?? 0;
      const green = density[g] ?? 0;
      const blue = density[b] ?? 0;
      darkness += red + green + blue;
      if (isInk(red, green, blue) || isBlack(red, green, blue)) ink += 1;
      count += 1;
    }
  }
  const variance = (total: number, squares: number) => Math.max(0, squares / count - (total / count) ** 2);
  const detail = Math.sqrt(Math.max(0, variance(sum, sumOfSquares) - noise));
  return {
    sharpness: detail / (Math.sqrt(variance(greens, greenSquares)) + contrastFloor),
    pen: ink / count,
    saturation: saturation / count,
    darkness: darkness / (3 * count),
  };
}
