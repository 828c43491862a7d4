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
 * Every fourth px of every fourth row: 4,000 of a crop of 256 px, at a few per cent of the time its JPEG takes. Their
 * neighbours never cross the edge of a JPEG's blocks of 8 px, which would count as detail.
 */
const step = 4;
/** Grey levels added to the contrast: without them the noise of an empty crop would count as sharp. */
const noiseFloor = 4;

/** rgb: interleaved 8-bit, width × height, at least 3 × 3 px. */
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
  for (let y = 1; y < height - 1; y += step) {
    for (let x = 1; x < width - 1; x += step) {
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
  const deviation = (total: number, squares: number) => Math.sqrt(Math.max(0, squares / count - (total / count) ** 2));
  return {
    sharpness: deviation(sum, sumOfSquares) / (deviation(greens, greenSquares) + noiseFloor),
    pen: ink / count,
    saturation: saturation / count,
    darkness: darkness / (3 * count),
  };
}
