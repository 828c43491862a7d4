/** What a crop's pixels say about its use; kept with the crop, so that thresholds can change without cutting again. */
export interface CropQuality {
  /** Standard deviation of the green channel's Laplacian over 255: near 0 where the scanner was out of focus. */
  blur: number;
  /** Share of px that are blue, green or black ink. */
  pen: number;
  /** Mean HSV saturation, 0…1. */
  saturation: number;
  /** Mean optical density (log10) of the three channels. */
  darkness: number;
}

/** Every so many rows and columns are looked at: a crop of 256 px has enough with a quarter of its px. */
const step = 2;
/** Ink absorbs red far more than green; eosin and haematoxylin do not. */
const minGreenToRed = 0.75;
const minInkDensity = 0.2;

const density = Float32Array.from({ length: 256 }, (_, value) => -Math.log10(Math.max(value, 1) / 255));

/** rgb: interleaved 8-bit, width × height, at least 3 × 3 px. */
export function cropQuality(rgb: Uint8Array, width: number, height: number): CropQuality {
  const line = width * 3;
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
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
      const most = Math.max(r, g, b);
      if (most > 0) saturation += (most - Math.min(r, g, b)) / most;
      const red = density[r] ?? 0;
      const green = density[g] ?? 0;
      darkness += (red + green + (density[b] ?? 0)) / 3;
      if (red > minInkDensity && green < minGreenToRed * red) ink += 1;
      count += 1;
    }
  }
  const mean = sum / count;
  return {
    blur: Math.sqrt(Math.max(0, sumOfSquares / count - mean * mean)) / 255,
    pen: ink / count,
    saturation: saturation / count,
    darkness: darkness / count,
  };
}
