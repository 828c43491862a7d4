import type { TiffDirectory } from './directory.ts';
import { compression, compressionName, tag } from './tags.ts';

/** How the pixels of one image lie in the file. */
export interface PixelLayout {
  /** The number that TIFF gives it; see compressionName. */
  compression: number;
  /** Stored in tiles; else in strips of whole rows. */
  tiled: boolean;
  colour: Colour;
  /** Values a pixel. */
  samples: number;
  /** Bits a value, of each sample. */
  bits: number[];
  /** 1: whole numbers from 0 on. */
  sampleFormat: number;
  /** The bits of each byte run from right to left, as in faxes. */
  bitsReversed: boolean;
  /** Each sample has tiles of its own. */
  planar: boolean;
  /** 1: none; 2: each value is stored as the difference from its left neighbour. */
  predictor: number;
  /** What a sample beyond the colours says; associated: the colours are already multiplied by it. */
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
/** The only ones that a predictor is defined for; libtiff passes it over with the others. */
const predicted: number[] = [compression.lzw, compression.deflate, compression.adobeDeflate];
const readable: number[] = [compression.none, compression.jpeg, compression.packBits, compression.webp, ...predicted];

export async function readPixelLayout(directory: TiffDirectory): Promise<PixelLayout> {
  const samples = (await directory.number(tag.samplesPerPixel)) ?? 1;
  const colour = colours[(await directory.number(tag.photometric)) ?? -1] ?? 'other';
  const bits = await directory.numbers(tag.bitsPerSample);
  const extra = await directory.number(tag.extraSamples);
  const hasAlpha = colour === 'rgb' && samples === 4;
  const code = (await directory.number(tag.compression)) ?? compression.none;
  return {
    compression: code,
    tiled: directory.has(tag.tileOffsets) && directory.has(tag.tileWidth),
    colour,
    samples,
    // TIFF 6.0: one bit when nothing is stated.
    bits: bits.length > 0 ? bits : [1],
    sampleFormat: (await directory.number(tag.sampleFormat)) ?? 1,
    bitsReversed: (await directory.number(tag.fillOrder)) === 2,
    planar: samples > 1 && (await directory.number(tag.planarConfiguration)) === 2,
    predictor: predicted.includes(code) ? ((await directory.number(tag.predictor)) ?? 1) : 1,
    // As libtiff takes it: a fourth sample that nothing is said about is associated alpha.
    alpha: !hasAlpha ? 'none' : extra === unassociatedAlpha ? 'unassociated' : 'associated',
  };
}

/** Why pixels that lie like this are not read, in words that follow “the slide’s pixels are”; undefined when they are. */
export function pixelProblem(layout: PixelLayout): { compression?: string; colour?: string } | undefined {
  if (!readable.includes(layout.compression)) return { compression: compressionName(layout.compression) };
  const colour = colourProblem(layout);
  return colour === undefined ? undefined : { colour };
}

function colourProblem({ colour, samples, bits, alpha, ...layout }: PixelLayout): string | undefined {
  if (bits.some((bit) => bit !== 8)) return `${bits.join(', ')} bits`;
  if (layout.sampleFormat !== 1) return 'values that are not whole numbers from 0 to 255';
  if (layout.bitsReversed) return 'bits from right to left (FillOrder 2)';
  if (colour === 'other') return 'colours that are neither RGB, YCbCr, grey nor a palette';
  if (samples !== samplesOf[colour] + (alpha === 'none' ? 0 : 1)) {
    return `${samples} colour channel${samples === 1 ? '' : 's'} for ${colour}`;
  }
  if (layout.predictor !== 1 && layout.predictor !== 2) return `predictor ${layout.predictor}`;
  if (layout.compression === compression.jpeg || layout.compression === compression.webp) {
    if (layout.planar) return `colour channels stored apart, as ${compressionName(layout.compression)}`;
    if (colour === 'white-is-zero' || colour === 'palette')
      return `${colour} as ${compressionName(layout.compression)}`;
    if (layout.compression === compression.jpeg && alpha !== 'none') return 'transparency as JPEG';
    return undefined;
  }
  return colour === 'ycbcr' ? 'YCbCr that is not JPEG' : undefined;
}
