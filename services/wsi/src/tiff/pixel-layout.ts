import type { TiffDirectory } from './directory.ts';
import { noCompression, tag } from './tags.ts';

/** How the pixels of one image lie in the file. */
export interface PixelLayout {
  compression: number;
  /** Stored in tiles; else in strips of whole rows. */
  tiled: boolean;
  colour: Colour;
  /** Values a pixel. */
  samples: number;
  /** Bits a value, of each sample. */
  bits: number[];
  /** The samples are stored apart, each in blocks of its own. */
  planar: boolean;
  /** 1: none; 2: each value as the difference from its left neighbour; 3: for floating point. */
  predictor: number;
  /** What a sample beyond the colours is. */
  alpha: 'none' | 'associated' | 'unassociated';
}

export type Colour = 'rgb' | 'ycbcr' | 'white-is-zero' | 'black-is-zero' | 'palette' | 'other';

const colours: Record<number, Colour> = { 0: 'white-is-zero', 1: 'black-is-zero', 2: 'rgb', 3: 'palette', 6: 'ycbcr' };
const samplesOf: Record<Colour, number> = {
  rgb: 3,
  ycbcr: 3,
  'white-is-zero': 1,
  'black-is-zero': 1,
  palette: 1,
  other: 0,
};
const unassociatedAlpha = 2;

export async function readPixelLayout(directory: TiffDirectory): Promise<PixelLayout> {
  const samples = (await directory.number(tag.samplesPerPixel)) ?? 1;
  const colour = colours[(await directory.number(tag.photometric)) ?? -1] ?? 'other';
  const bits = await directory.numbers(tag.bitsPerSample);
  const extra = await directory.number(tag.extraSamples);
  const hasAlpha = samples === samplesOf[colour] + 1;
  return {
    compression: (await directory.number(tag.compression)) ?? noCompression,
    tiled: directory.has(tag.tileOffsets) && directory.has(tag.tileWidth),
    colour,
    samples,
    // TIFF 6.0: one bit when nothing is stated.
    bits: bits.length > 0 ? bits : [1],
    planar: samples > 1 && (await directory.number(tag.planarConfiguration)) === 2,
    predictor: (await directory.number(tag.predictor)) ?? 1,
    // As libtiff takes it: a fourth sample that nothing is said about is associated alpha.
    alpha: !hasAlpha ? 'none' : extra === unassociatedAlpha ? 'unassociated' : 'associated',
  };
}
