import type { RgbImage } from './jpeg.ts';
import { overview } from './overview.ts';
import type { SlideFile } from './slide-file.ts';

/** Longest side of the mask, px. */
const maxMaskSide = 2048;
/** µm per mask px where the slide's mpp is known and the slide is small: a cell is 2 to 4 px. */
const maskMpp = 4;
/** Holes and specks narrower than this many µm are closed and dropped. */
const smoothingMicrons = 12;

/** Optical densities, log10; from H&E of several scanners: faint stroma lies above, glass and its shading below. */
const minDensity = 0.05;
const minColour = 0.05;
/** Eosin and haematoxylin absorb green most. Blue and green pen ink absorb red far more than green. */
const minGreenToRed = 0.75;

export interface TissueMask {
  width: number;
  height: number;
  /** 1 = tissue. */
  mask: Uint8Array;
  /** Share of the whole slide. */
  fraction: number;
  unreadableTiles: number;
  /** Share of a rectangle of the slide, in level-0 px, that is tissue. */
  fractionOf(x0: number, y0: number, width0: number, height0: number): number;
}

/** Where the slide holds tissue, rather than glass, pure white or pen. mpp0: µm/px at level 0, null when unknown. */
export async function findTissue(slide: SlideFile, mpp0: number | null): Promise<TissueMask> {
  const { width: width0, height: height0 } = slide.level(0);
  const physical = mpp0 === null ? maxMaskSide : Math.ceil((Math.max(width0, height0) * mpp0) / maskMpp);
  const picture = await overview(slide, Math.max(64, Math.min(maxMaskSide, physical)));
  const pixelMicrons = mpp0 === null ? maskMpp : mpp0 * picture.downsampleX;
  const radius = Math.max(1, Math.round(smoothingMicrons / pixelMicrons / 2));
  const { width, height, downsampleX, downsampleY, unreadableTiles } = picture;
  const mask = majority(stained(picture), width, height, radius);
  const sums = summedArea(mask, width, height);
  const share = (left: number, top: number, right: number, bottom: number) => {
    const area = (right - left) * (bottom - top);
    return area <= 0 ? 0 : boxSum(sums, width, left, top, right, bottom) / area;
  };
  return {
    width,
    height,
    mask,
    fraction: share(0, 0, width, height),
    unreadableTiles,
    fractionOf(x0, y0, width0, height0) {
      const left = clamp(Math.round(x0 / downsampleX), width - 1);
      const top = clamp(Math.round(y0 / downsampleY), height - 1);
      const right = Math.max(left + 1, clamp(Math.round((x0 + width0) / downsampleX), width));
      const bottom = Math.max(top + 1, clamp(Math.round((y0 + height0) / downsampleY), height));
      return share(left, top, right, bottom);
    },
  };
}

const density = Float32Array.from({ length: 256 }, (_, value) => -Math.log10(Math.max(value, 1) / 255));

function stained({ data, width, height }: RgbImage): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i += 1) {
    const red = density[data[3 * i] ?? 0] ?? 0;
    const green = density[data[3 * i + 1] ?? 0] ?? 0;
    const blue = density[data[3 * i + 2] ?? 0] ?? 0;
    const colour = Math.max(red, green, blue) - Math.min(red, green, blue);
    const dense = (red + green + blue) / 3 >= minDensity;
    if (dense && colour >= minColour && green >= minGreenToRed * red) mask[i] = 1;
  }
  return mask;
}

/** A median filter of a binary picture: each pixel becomes what most of its square of side 2·radius + 1 is. */
function majority(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const sums = summedArea(mask, width, height);
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < height; y += 1) {
    const top = Math.max(0, y - radius);
    const bottom = Math.min(height, y + radius + 1);
    for (let x = 0; x < width; x += 1) {
      const left = Math.max(0, x - radius);
      const right = Math.min(width, x + radius + 1);
      const sum = boxSum(sums, width, left, top, right, bottom);
      if (2 * sum > (right - left) * (bottom - top)) out[y * width + x] = 1;
    }
  }
  return out;
}

/** One row and column more than the mask: entry (x, y) is the sum left of x and above y. */
function summedArea(mask: Uint8Array, width: number, height: number): Uint32Array {
  const step = width + 1;
  const sums = new Uint32Array(step * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += mask[y * width + x] ?? 0;
      sums[(y + 1) * step + x + 1] = row + (sums[y * step + x + 1] ?? 0);
    }
  }
  return sums;
}

function boxSum(sums: Uint32Array, width: number, left: number, top: number, right: number, bottom: number): number {
  const above = top * (width + 1);
  const below = bottom * (width + 1);
  return (
    (sums[below + right] ?? 0) - (sums[below + left] ?? 0) - (sums[above + right] ?? 0) + (sums[above + left] ?? 0)
  );
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
