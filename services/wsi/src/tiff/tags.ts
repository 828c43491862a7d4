/** The tags of TIFF 6.0 and of scanners that a slide is read or recognised by. */
export const tag = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  imageDescription: 270,
  make: 271,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  software: 305,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  xmp: 700,
  argosMetadata: 65000,
} as const;

const slideTags = new Set<number>(Object.values(tag));
/** Most tags hold a number or three; these may hold a text or a list. */
const longTags = new Map<number, number>([
  // OME and Philips keep XML here, Philips with a picture of the label inside.
  [tag.imageDescription, 8 * 1024 * 1024],
  [tag.make, 65_536],
  [tag.software, 65_536],
  [tag.xmp, 65_536],
  [tag.colorMap, 3 * 65_536],
  [tag.jpegTables, 65_536],
  [tag.subIfds, 512],
  [tag.tileOffsets, Number.MAX_SAFE_INTEGER],
  [tag.tileByteCounts, Number.MAX_SAFE_INTEGER],
  [tag.stripOffsets, Number.MAX_SAFE_INTEGER],
  [tag.stripByteCounts, Number.MAX_SAFE_INTEGER],
]);
/** Bytes, texts, unsigned whole numbers, offsets, rationals and floats: none of the tags holds anything signed. */
const fieldTypes = new Set([1, 2, 3, 4, 5, 7, 11, 12, 13, 16, 18]);

export function isSlideTag(number: number): boolean {
  return slideTags.has(number);
}

export function isFieldType(type: number): boolean {
  return fieldTypes.has(type);
}

/** More values than this are never asked for, however many a file states. */
export function mostValues(number: number): number {
  return longTags.get(number) ?? 16;
}

/** As libtiff's tiff.h and the vendors name them. */
const compressionNames: Record<number, string> = {
  1: 'none',
  5: 'LZW',
  6: 'old-style JPEG',
  7: 'JPEG',
  8: 'Deflate',
  32773: 'PackBits',
  32946: 'Deflate',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG (DNG)',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};
export const compression = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  adobeDeflate: 8,
  packBits: 32773,
  deflate: 32946,
  zstd: 50000,
  webp: 50001,
} as const;
export const jpeg2000Compressions = [33003, 33004, 33005, 34712];

export function compressionName(code: number): string {
  return compressionNames[code] ?? `compression ${code}`;
}
